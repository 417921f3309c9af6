import { useCallback, useEffect, useRef, useState } from "react";

import type { JobmillClient } from "./client.js";
import { defaultClient } from "./default-client.js";
import { type Callbacks, Ends } from "./ends.js";
import { JobPoller } from "./poller.js";
import { IDLE, type JobPolling, processing } from "./polling.js";

export const DEFAULT_INTERVAL_MS = 60_000;

export interface JobPollingOptions extends Callbacks {
  /** The job to look at; null (or empty) until there is one. */
  readonly jobId: string | null | undefined;
  /** Between two looks, in milliseconds: a minute if not given, a second at least. The API may ask for more. */
  readonly interval?: number | undefined;
  /** Another client than that of `configure`. */
  readonly client?: Pick<JobmillClient, "lookAtJob"> | undefined;
}

export type JobPollingResult = JobPolling & {
  /** Look at once: after a sign-in, or for a button "Try again". Stays the same function. */
  readonly lookNow: () => void;
};

/**
 * Polls a job until it ends, and says where it is.
 *
 * The first look is at once. A hidden page does not look; shown again, it does at once. Without an answer (no network,
 * 408, 429, 5xx) the job stays `processing`, `trouble` says why, and looking goes on with a growing, random pause. Any
 * other refusal is an end: `failed`, with the refusal as `error`.
 */
export function useJobPolling(options: JobPollingOptions): JobPollingResult {
  const { jobId, interval = DEFAULT_INTERVAL_MS } = options;
  const [seen, setSeen] = useState<{ jobId: string; polling: JobPolling } | null>(null);
  const latest = useRef(options);
  const poller = useRef<JobPoller | null>(null);
  const [ends] = useState(() => new Ends());

  // Before the effects below, so that they and the poller find what was rendered last.
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    if (!jobId) return undefined;
    const started = new JobPoller(jobId, latest.current.interval ?? DEFAULT_INTERVAL_MS, {
      client: () => latest.current.client ?? defaultClient,
      changed: (polling) => {
        setSeen({ jobId, polling });
        ends.tell(jobId, polling, latest.current);
      },
    });
    poller.current = started;
    started.start();
    return () => {
      started.stop();
      poller.current = null;
    };
  }, [jobId, ends]);

  useEffect(() => poller.current?.changeInterval(interval), [interval]);

  const lookNow = useCallback(() => {
    ends.forgetRefusal(latest.current.jobId ?? "");
    poller.current?.lookNow();
  }, [ends]);
  if (!jobId) return { ...IDLE, lookNow };
  // Of another job, and its effect has not run yet: nothing is known of this one.
  return { ...(seen?.jobId === jobId ? seen.polling : processing(0)), lookNow };
}
