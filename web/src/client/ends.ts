import type { CompletedJob, JobFailure } from "./answers.js";
import { JobmillError } from "./errors.js";
import type { JobPolling } from "./polling.js";

/** What a caller wants to be told of a job's end. */
export interface Callbacks {
  /** Called once for each job that ends well. */
  readonly onCompleted?: ((result: CompletedJob) => void) | undefined;
  /** Called once for each job that fails, or that the API does not tell of: then with a JobmillError. */
  readonly onFailed?: ((error: JobFailure | JobmillError) => void) | undefined;
}

/** Remembers which ends were told, so that none is told twice: effects run twice, jobs are looked at again. */
export class Ends {
  readonly #told = new Map<string, "refused" | "ended">();

  /** Calls the callback that fits, if this is an end and it was not told; what it throws is reported, not thrown. */
  tell(jobId: string, polling: JobPolling, { onCompleted, onFailed }: Callbacks): void {
    if (polling.status !== "completed" && polling.status !== "failed") return;
    const end = polling.error instanceof JobmillError ? "refused" : "ended";
    const told = this.#told.get(jobId);
    if (told === "ended" || told === end) return;
    this.#told.set(jobId, end);
    try {
      if (polling.status === "completed") onCompleted?.(polling.result);
      else onFailed?.(polling.error);
    } catch (error) {
      // The caller's bug: for the console and the error trackers, not for the polling.
      reportError(error);
    }
  }

  /** The caller asked again after a refusal: another one is news. */
  forgetRefusal(jobId: string): void {
    if (this.#told.get(jobId) === "refused") this.#told.delete(jobId);
  }
}
