import { Link } from "wouter";
import type { JobView } from "../../api/views.js";
import { adviceOf } from "./failure-advice.js";

interface Props {
  readonly job: JobView;
  readonly mayWrite: boolean;
}

/** Why a job failed, and what to do about it. */
export function Failure({ job, mayWrite }: Props) {
  if (job.status !== "Failed") return null;
  const isOfInput = job.errorKind === "input";
  return (
    <section className="card failure" aria-labelledby="failure">
      <h2 id="failure">Why it failed</h2>
      <p className="sentence">{job.error ?? "It failed, and did not say why."}</p>
      <p>
        <b>What to do:</b> {adviceOf(job)}{" "}
        {mayWrite && isOfInput && job.type === "Import" && (
          <Link href={`/new?type=Import&project=${encodeURIComponent(job.projectId)}`}>Import the corrected file</Link>
        )}
      </p>
      <p className="quiet">
        {job.errorCode && (
          <>
            Code: <code>{job.errorCode}</code>
          </>
        )}
      </p>
      {job.errorDetails && (
        <details>
          <summary>Details</summary>
          <pre>{job.errorDetails}</pre>
        </details>
      )}
    </section>
  );
}
