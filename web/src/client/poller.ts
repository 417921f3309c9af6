import type { JobmillClient, Sighting } from "./client.js";
import { JobmillError } from "./errors.js";
import { LONGEST_PAUSE_MS, pauseAfterAnswer, pauseAfterTrouble } from "./pauses.js";
import { failed, type JobPolling, pollingOf, processing } from "./polling.js";

/** For whom a job is polled. */
export interface Watcher {
  /** Asked for at each look, so that it may change in between. */
  client(): Pick<JobmillClient, "lookAtJob">;
  /** Told every change, and nothing twice in a row. */
  changed(polling: JobPolling): void;
}

/**
 * Looks at one job until it ends: at once, at each interval, never while the page is hidden.
 *
 * One look at a time; after `stop` nothing is told any more.
 */
export class JobPoller {
  readonly #jobId: string;
  readonly #watcher: Watcher;
  #interval: number;
  #polling: JobPolling = processing(0);
  #last: Sighting | null = null;
  #looking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #answeredAt = 0;
  #troubles = 0;
  /** What the API refused it asked not to repeat before then. */
  #notBefore = 0;
  #isStopped = false;

  /** `interval`: between two looks, in milliseconds. */
  constructor(jobId: string, interval: number, watcher: Watcher) {
    this.#jobId = jobId;
    this.#interval = interval;
    this.#watcher = watcher;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#goOn);
    window.addEventListener("online", this.#online);
    this.#goOn();
  }

  stop(): void {
    this.#isStopped = true;
    document.removeEventListener("visibilitychange", this.#goOn);
    window.removeEventListener("online", this.#online);
    clearTimeout(this.#timer);
    this.#looking?.abort();
  }

  /** Look again without waiting for the interval or a backoff, also after a refusal; not before the API allows it. */
  lookNow(): void {
    if (this.#polling.error instanceof JobmillError) this.#show(processing(this.#polling.progress));
    this.#goOn();
  }

  /** The page was shown (or hidden: then `#wait` only ends the waiting), or looking begins. */
  readonly #goOn = (): void => {
    if (this.#polling.status === "processing") this.#wait(this.#notBefore - Date.now());
  };

  readonly #online = (): void => {
    if (this.#troubles > 0) this.#goOn();
  };

  /** Another interval from now on, counted from the last answer. */
  changeInterval(interval: number): void {
    this.#interval = interval;
    if (this.#polling.status === "processing" && this.#troubles === 0) this.#waitForInterval();
  }

  #waitForInterval(): void {
    const pause = pauseAfterAnswer(this.#interval, this.#last?.retryAfterMs ?? null);
    this.#wait(this.#answeredAt + pause - Date.now());
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped || this.#looking !== null || document.hidden) return;
    if (ms > 0) this.#timer = setTimeout(() => void this.#look(), Math.min(ms, LONGEST_PAUSE_MS));
    else void this.#look();
  }

  async #look(): Promise<void> {
    const looking = new AbortController();
    this.#looking = looking;
    const seen = await this.#sighting(looking.signal);
    if (this.#isStopped) return;
    this.#looking = null;
    if (seen instanceof JobmillError) this.#missed(seen);
    else this.#saw(seen);
  }

  async #sighting(signal: AbortSignal): Promise<Sighting | JobmillError> {
    try {
      return await this.#watcher.client().lookAtJob(this.#jobId, { last: this.#last, signal });
    } catch (error) {
      if (error instanceof JobmillError) return error;
      return new JobmillError("client-error", null, `The request could not be made: ${String(error)}`, {
        cause: error,
      });
    }
  }

  #saw(seen: Sighting): void {
    this.#last = seen;
    this.#answeredAt = Date.now();
    this.#troubles = 0;
    this.#show(pollingOf(seen.job, this.#polling.progress));
    if (seen.job.status === "processing") this.#waitForInterval();
  }

  #missed(error: JobmillError): void {
    if (!error.isTemporary) {
      this.#show(failed(error, this.#polling.progress));
      return;
    }
    this.#troubles += 1;
    this.#notBefore = Date.now() + (error.retryAfterMs ?? 0);
    this.#show(processing(this.#polling.progress, error));
    this.#wait(pauseAfterTrouble(this.#troubles, error.retryAfterMs, Math.random));
  }

  #show(polling: JobPolling): void {
    const before = this.#polling;
    this.#polling = polling;
    const isNews =
      polling.status !== before.status || polling.progress !== before.progress || polling.trouble !== before.trouble;
    if (isNews) this.#watcher.changed(polling);
  }
}
