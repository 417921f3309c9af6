import type { SummaryView } from "../../api/views.js";
import { JobLink, jobName } from "../../parts/job-link.js";
import { JobProgress } from "../../parts/job-progress.js";
import { StatusMark } from "../../parts/status-mark.js";
import { Since, When } from "../../parts/times.js";
import type { Choice } from "./use-choice.js";
import { StackedHead } from "../../parts/stacked-head.js";

interface Props {
  readonly jobs: readonly SummaryView[];
  /** Null where the person may change nothing. */
  readonly choice: Choice | null;
  /** It shows what was asked before, until the answer is there. */
  readonly isOld: boolean;
}

export function JobTable({ jobs, choice, isOld }: Props) {
  return (
    <table className="stacks jobs" role="table" aria-busy={isOld}>
      <caption className="unseen">Jobs, newest first</caption>
      <StackedHead
        names={["Status", "Type", "Job", "Created by", "Created", "Started", "Progress"]}
        first={
          choice && (
            <th scope="col" className="choice" role="columnheader">
              <ChooseAll choice={choice} many={jobs.length} />
            </th>
          )
        }
      />
      <tbody role="rowgroup">
        {jobs.map((job) => (
          <Row key={job.id} job={job} choice={choice} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ job, choice }: { readonly job: SummaryView; readonly choice: Choice | null }) {
  return (
    <tr role="row">
      {choice && (
        <td className="choice" role="cell">
          <label>
            <input
              type="checkbox"
              aria-label={`Choose ${jobName(job)}`}
              checked={choice.isChosen(job.id)}
              onChange={(event) => choice.set([job.id], event.target.checked)}
            />
          </label>
        </td>
      )}
      <td data-name="Status" role="cell">
        <span>
          <StatusMark status={job.status} />
        </span>
      </td>
      <td data-name="Type" role="cell">
        {job.type}
      </td>
      <th scope="row" data-name="Job" className="number-of" role="rowheader">
        <JobLink job={job} />
      </th>
      <td data-name="Created by" className="by" role="cell">
        {job.createdByName}
      </td>
      <td data-name="Created" className="since" role="cell">
        <When at={job.createdAt} />
      </td>
      <td data-name="Started" className="started" role="cell">
        {job.startedAt && <Started at={job.startedAt} isRunning={job.status === "Running"} />}
      </td>
      <td data-name="Progress" className="job-progress" role="cell">
        {job.status !== "Completed" && <JobProgress job={job} />}
      </td>
    </tr>
  );
}

function Started({ at, isRunning }: { readonly at: string; readonly isRunning: boolean }) {
  return (
    <span>
      <When at={at} />
      {isRunning && (
        <span className="quiet">
          {", for "}
          <Since at={at} />
        </span>
      )}
    </span>
  );
}

function ChooseAll({ choice, many }: { readonly choice: Choice; readonly many: number }) {
  const isSome = choice.chosen.length > 0 && choice.chosen.length < many;
  return (
    <label>
      <input
        type="checkbox"
        aria-label="Choose all shown"
        checked={many > 0 && choice.chosen.length === many}
        ref={(box) => {
          if (box) box.indeterminate = isSome;
        }}
        onChange={(event) => choice.setAll(event.target.checked)}
      />
    </label>
  );
}
