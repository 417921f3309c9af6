import type { SummaryView } from "../api/views.js";
import { jobName } from "./job-link.js";
import { ProgressBar } from "./progress-bar.js";
import { Since } from "./times.js";

/** How far a job is, or how long it has been waiting; of an ended job how far it came, unless to its end. */
export function JobProgress({ job }: { readonly job: SummaryView }) {
  if (job.status === "Running") return <ProgressBar percent={job.progress} label={`Progress of ${jobName(job)}`} />;
  if (job.status === "Queued") {
    return (
      <span className="quiet">
        waiting for <Since at={job.createdAt} />
      </span>
    );
  }
  return job.status === "Completed" ? null : <span className="quiet">stopped at {job.progress} %</span>;
}
