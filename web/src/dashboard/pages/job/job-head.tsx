import type { JobView } from "../../api/views.js";
import { CopyButton } from "../../parts/copy-button.js";
import { StatusMark } from "../../parts/status-mark.js";
import { duration, When, wholeTime } from "../../parts/times.js";

/** Which job it is, of whom and when, and where it stands. */
export function JobHead({ job }: { readonly job: JobView }) {
  const { expiresAt } = job;
  return (
    <section className="card job-head" aria-label="The job">
      <p className="stand" role="status">
        <StatusMark status={job.status} />
        {job.completedAt && (
          <span className="quiet">
            <When at={job.completedAt} />
            {job.startedAt && `, after ${duration(Date.parse(job.completedAt) - Date.parse(job.startedAt))} of work`}
          </span>
        )}
      </p>
      <dl>
        <div className="wide">
          <dt>Id</dt>
          <dd>
            <code>{job.id}</code>{" "}
            <CopyButton text={job.id} label="Copy the job's id">
              Copy
            </CopyButton>
          </dd>
        </div>
        <div>
          <dt>Project</dt>
          <dd>{job.projectName}</dd>
        </div>
        <div>
          <dt>Submitted by</dt>
          <dd>{job.createdByName}</dd>
        </div>
        <div>
          <dt>Submitted</dt>
          <dd>
            <When at={job.createdAt} />
          </dd>
        </div>
        {job.run > 1 && (
          <div>
            <dt>Run</dt>
            <dd>{job.run}</dd>
          </div>
        )}
        {expiresAt && (
          <div>
            <dt>Kept until</dt>
            <dd>
              <time dateTime={expiresAt}>{wholeTime(expiresAt)}</time>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
