import { useQuery } from "@tanstack/react-query";
import { activity } from "../../api/queries.js";
import { useFollow, useRefetchMs } from "../../live/use-live.js";
import { Loading, ProblemNote } from "../../parts/notes.js";
import { useNow } from "../../parts/times.js";
import { failureRate, figures, throughput } from "./figures.js";
import { HoursChart, HoursTable } from "./hours-chart.js";

/** How often the hours are asked for: they follow the jobs, as the counts do. */
export const HOURS = { pollMs: 15_000, liveMs: 30_000 };

/** What ended in a project in the last 24 hours. */
export function ProjectActivity({ projectId }: { readonly projectId: string }) {
  useFollow({ projectId });
  const query = useQuery({ ...activity(projectId), refetchInterval: useRefetchMs(HOURS) });
  const now = useNow(60_000);
  // The running hour is one of them.
  const hours = query.data?.hours.slice(-24);
  return (
    <section className="card" aria-label="Last 24 hours">
      <h3>Last 24 hours</h3>
      <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading what="the last 24 hours" />}
      {hours && (
        <>
          <Words rate={throughput(hours, now)} failures={failureRate(figures(hours))} ended={figures(hours).ended} />
          <HoursChart hours={hours} />
          <HoursTable hours={hours} />
        </>
      )}
    </section>
  );
}

interface WordsProps {
  readonly rate: string | null;
  readonly failures: string | null;
  readonly ended: number;
}

function Words({ rate, failures, ended }: WordsProps) {
  if (ended === 0) return <p className="quiet">No job ended.</p>;
  return (
    <p className="rates">
      <span>
        Throughput <strong>{rate}</strong>
      </span>
      {failures && (
        <span>
          Failure rate <strong>{failures}</strong>
        </span>
      )}
    </p>
  );
}
