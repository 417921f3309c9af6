import { useQuery } from "@tanstack/react-query";
import { taskRuns } from "../../api/queries.js";
import type { TaskRunView } from "../../api/views.js";
import { useRefetchMs } from "../../live/use-live.js";
import { shortId } from "../../parts/job-link.js";
import { Loading, ProblemNote } from "../../parts/notes.js";
import { ProgressBar } from "../../parts/progress-bar.js";
import { StatusMark } from "../../parts/status-mark.js";
import { duration, Since, When, wholeTime } from "../../parts/times.js";
import { RunJob } from "./task-details.js";
import { sourceWords } from "./words.js";
import { StackedHead } from "../../parts/stacked-head.js";

const OPEN = new Set(["Queued", "Running"]);

/** A task's runs, newest first. */
export function TaskRuns({ name, mayOpenJobs }: { readonly name: string; readonly mayOpenJobs: boolean }) {
  const resting = useRefetchMs({ isTold: false, pollMs: 15_000 });
  const query = useQuery({
    ...taskRuns(name),
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => OPEN.has(status)) ? 5_000 : resting),
  });
  return (
    <section className="card" aria-label="History">
      <h2>History</h2>
      <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading what="the runs" />}
      {query.data?.length === 0 && <p className="quiet">There was no run yet.</p>}
      {query.data && query.data.length > 0 && <RunTable runs={query.data} mayOpenJobs={mayOpenJobs} />}
    </section>
  );
}

function RunTable({ runs, mayOpenJobs }: { readonly runs: readonly TaskRunView[]; readonly mayOpenJobs: boolean }) {
  return (
    <table className="stacks runs" role="table">
      <caption className="unseen">Runs, newest first</caption>
      <StackedHead names={["Status", "Job", "Asked for by", "Slot", "Started", "Took", "Progress"]} />
      <tbody role="rowgroup">
        {runs.map((run) => (
          <Row key={run.jobId} run={run} mayOpenJobs={mayOpenJobs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ run, mayOpenJobs }: { readonly run: TaskRunView; readonly mayOpenJobs: boolean }) {
  const { jobId, status, source, slot, createdAt, startedAt, completedAt, progress } = run;
  return (
    <tr role="row">
      <td data-name="Status" role="cell">
        <span>
          <StatusMark status={status} />
        </span>
      </td>
      <th scope="row" data-name="Job" role="rowheader">
        <RunJob id={jobId} mayOpen={mayOpenJobs} />
      </th>
      <td data-name="Asked for by" role="cell">
        {sourceWords(source)}
      </td>
      <td data-name="Slot" role="cell">
        {slot && wholeTime(slot)}
      </td>
      <td data-name="Started" role="cell">
        <When at={startedAt ?? createdAt} />
      </td>
      <td data-name="Took" role="cell">
        {startedAt &&
          (completedAt ? (
            duration(Date.parse(completedAt) - Date.parse(startedAt))
          ) : (
            <span>
              <Since at={startedAt} /> so far
            </span>
          ))}
      </td>
      <td data-name="Progress" role="cell">
        {status === "Running" && <ProgressBar percent={progress} label={`Progress of run ${shortId(jobId)}`} />}
      </td>
    </tr>
  );
}
