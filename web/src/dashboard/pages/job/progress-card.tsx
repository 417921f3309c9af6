import { useState } from "react";
import type { JobView } from "../../api/views.js";
import { ProgressBar } from "../../parts/progress-bar.js";
import { Since, useNow } from "../../parts/times.js";
import { leftInWords, nextEstimate, type Estimate } from "./time-left.js";

/** How far a job under way is, what it does, and how long that may take. */
export function ProgressCard({ job }: { readonly job: JobView }) {
  const isRunning = job.status === "Running";
  return (
    <section className="card job-progress" aria-label="Progress">
      <ProgressBar percent={job.progress} label={`${job.type} job`} />
      <div className="beneath">
        <b>{job.progressMessage ?? (isRunning ? "At work" : "Waiting for a worker")}</b>
        {isRunning && job.startedAt ? (
          <span className="quiet">
            running for <Since at={job.startedAt} />
            {/* What was estimated of one run says nothing of the next. */}
            <TimeLeft key={job.run} startedAt={job.startedAt} percent={job.progress} />
          </span>
        ) : isRunning ? null : (
          <span className="quiet">
            waiting for <Since at={job.updatedAt} />
          </span>
        )}
      </div>
      {/* For those who listen: a word each quarter, not each percent */}
      <span className="unseen" role="status">
        {isRunning && `${Math.floor(job.progress / 25) * 25} % done`}
      </span>
    </section>
  );
}

function TimeLeft({ startedAt, percent }: { readonly startedAt: string; readonly percent: number }) {
  const now = useNow();
  const [shown, setShown] = useState<{ readonly now: number; readonly estimate: Estimate | null } | null>(null);
  // With each second the estimate of the second before goes on.
  if (shown?.now !== now) {
    setShown({ now, estimate: nextEstimate(shown?.estimate ?? null, now, now - Date.parse(startedAt), percent) });
  }
  return shown?.estimate && <>, {leftInWords(shown.estimate.leftMs)}</>;
}
