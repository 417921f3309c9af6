import { Link } from "wouter";
import type { SummaryView } from "../api/views.js";

/** The end of a job's id: the beginnings of ids made within a minute are the same. */
export function shortId(id: string): string {
  return id.slice(-8);
}

/** What a job is called where the whole id is too long: `Import job 1a2b3c4d`. */
export function jobName({ type, id }: Pick<SummaryView, "type" | "id">): string {
  return `${type} job ${shortId(id)}`;
}

/** To a job's page, by the end of its id. */
export function JobLink({ job }: { readonly job: Pick<SummaryView, "type" | "id"> }) {
  return (
    <Link href={`/jobs/${job.id}`} className="code" title={job.id} aria-label={jobName(job)}>
      {shortId(job.id)}
    </Link>
  );
}
