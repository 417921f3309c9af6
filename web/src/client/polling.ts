import type { AnalysisJob, CompletedJob, JobFailure } from "./answers.js";
import type { JobmillError } from "./errors.js";

/** What is known of a polled job; `status` tells which fields have something to say. */
export type JobPolling =
  /** There is no job to ask for yet. */
  | {
      readonly status: "idle";
      readonly progress: 0;
      readonly result: null;
      readonly error: null;
      readonly trouble: null;
    }
  | {
      readonly status: "processing";
      /** Whole per cent, as last heard. */
      readonly progress: number;
      readonly result: null;
      readonly error: null;
      /** Why the last look had no answer. The job may be well: looking goes on, and the next answer ends it. */
      readonly trouble: JobmillError | null;
    }
  | {
      readonly status: "completed";
      readonly progress: 100;
      readonly result: CompletedJob;
      readonly error: null;
      readonly trouble: null;
    }
  | {
      readonly status: "failed";
      readonly progress: number;
      readonly result: null;
      /** The job's own failure; or, as a JobmillError, why the API does not tell of it (401, 403, 404, 410 …). */
      readonly error: JobFailure | JobmillError;
      readonly trouble: null;
    };

export const IDLE: JobPolling = { status: "idle", progress: 0, result: null, error: null, trouble: null };

export function processing(progress: number, trouble: JobmillError | null = null): JobPolling {
  return { status: "processing", progress, result: null, error: null, trouble };
}

/** The job's end, or its progress; a failed one keeps the progress that was last heard. */
export function pollingOf(job: AnalysisJob, progress: number): JobPolling {
  if (job.status === "processing") return processing(job.progress);
  if (job.status === "failed") return failed(job.error, progress);
  return { status: "completed", progress: 100, result: job, error: null, trouble: null };
}

export function failed(error: JobFailure | JobmillError, progress: number): JobPolling {
  return { status: "failed", progress, result: null, error, trouble: null };
}
