import type { SummaryView } from "../api/views.js";
import { JobLink } from "./job-link.js";
import { JobProgress } from "./job-progress.js";
import { StatusMark } from "./status-mark.js";
import { When } from "./times.js";

/** Jobs, a line each. */
export function JobLines({ jobs }: { readonly jobs: readonly SummaryView[] }) {
  return (
    <ul className="job-lines">
      {jobs.map((job) => (
        <li key={job.id}>
          <StatusMark status={job.status} />
          <span className="what">
            {job.type} <JobLink job={job} />
          </span>
          <span className="who quiet">
            {job.createdByName}, <When at={job.createdAt} />
          </span>
          <span className="how">
            <JobProgress job={job} />
          </span>
        </li>
      ))}
    </ul>
  );
}
