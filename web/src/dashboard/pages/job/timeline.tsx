import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { attempts as attemptsQuery, events as eventsQuery } from "../../api/queries.js";
import type { EventView, JobView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { DataTable } from "../../parts/data-table.js";
import { Loading, ProblemNote } from "../../parts/notes.js";
import { count } from "../../parts/numbers.js";
import { duration, Since, useNow, wholeTime } from "../../parts/times.js";
import { useRefetchMs } from "../../live/use-live.js";
import { AttemptChart } from "./attempt-chart.js";
import { isActive } from "./may.js";
import { eventInWords, outcomeInWords, roundsOf, type DrawnAttempt } from "./story.js";
import { whyNotDone } from "./why.js";

/** Of a job in hundreds of slices the newest are shown first. */
const SHOWN = 20;

/** What happened to the job: its attempts over time, and its story. */
export function Timeline({ job }: { readonly job: JobView }) {
  const often = useRefetchMs();
  const refetchInterval = isActive(job) ? often : false;
  const attempts = useQuery({ ...attemptsQuery(job.id), refetchInterval });
  const events = useQuery({ ...eventsQuery(job.id), refetchInterval });
  const error = attempts.error ?? events.error;
  const retry = () => (void attempts.refetch(), void events.refetch());
  const rounds = attempts.data && events.data ? roundsOf(job, events.data, attempts.data) : null;
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      {rounds && events.data ? (
        <>
          <Why job={job} events={events.data} />
          {rounds.map((round) => (
            <AttemptChart key={round.startsAt} round={round} />
          ))}
          <Attempts attempts={rounds.flatMap((round) => round.attempts)} />
          <Story events={events.data} />
        </>
      ) : error ? (
        <ProblemNote error={error} onRetry={retry} />
      ) : (
        <Loading what="what happened" />
      )}
    </section>
  );
}

function Why({ job, events }: { readonly job: JobView; readonly events: readonly EventView[] }) {
  const sentence = whyNotDone(job, events, useNow());
  if (sentence === null) return null;
  return (
    <div className="why">
      <h3>Why is it not done?</h3>
      <p>{sentence}</p>
    </div>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly DrawnAttempt[] }) {
  const [shown, setShown] = useState(SHOWN);
  if (attempts.length === 0) return <p className="quiet">No worker has taken it yet.</p>;
  const columns = [
    { name: "Attempt", isNumber: true },
    { name: "Run", isNumber: true },
    { name: "Started" },
    { name: "Took", isNumber: true },
    { name: "Outcome" },
  ];
  return (
    <>
      <h3>Attempts</h3>
      <DataTable
        caption="Attempts"
        columns={columns}
        rows={attempts.slice(-shown).map((each) => [
          each.number,
          each.run,
          wholeTime(each.startedAt),
          each.endedAt ? (
            duration(Date.parse(each.endedAt) - Date.parse(each.startedAt))
          ) : (
            <Since key="took" at={each.startedAt} />
          ),
          <span key="outcome" className={`outcome ${each.outcome}`}>
            {outcomeInWords(each.outcome)}
            {each.error && <span className="quiet">: {each.error}</span>}
          </span>,
        ])}
      />
      {attempts.length > shown && (
        <Button onClick={() => setShown(Infinity)}>Show all {count(attempts.length)} attempts</Button>
      )}
    </>
  );
}

function Story({ events }: { readonly events: readonly EventView[] }) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <>
      <h3>Events</h3>
      <ol className="story" aria-label="Events">
        {events.slice(-shown).map((event, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- they only grow, and may be alike
          <li key={place} className={event.type}>
            <time dateTime={event.at}>{wholeTime(event.at)}</time>
            <span>{eventInWords(event)}</span>
          </li>
        ))}
      </ol>
      {events.length > shown && (
        <Button onClick={() => setShown(Infinity)}>Show all {count(events.length)} events</Button>
      )}
    </>
  );
}
