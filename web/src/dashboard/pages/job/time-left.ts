/** An estimate of the time that is left, and when it was made (milliseconds). */
export interface Estimate {
  readonly at: number;
  readonly leftMs: number;
}

/** Below these an estimate says nothing. */
const LEAST_PERCENT = 5;
const LEAST_MS = 5_000;
/** How fast the estimate follows: a jump of the progress moves it over some such times; of short jobs sooner. */
const FOLLOW_MS = 10_000;
const FOLLOW_SHARE = 0.2;

/**
 * The next estimate, of a job that has been running for `runningMs` and is `percent` done. The time so far is taken to go on
 * evenly; what was estimated before runs down with the clock, and only follows that, so that it does not jump.
 */
export function nextEstimate(
  before: Estimate | null,
  now: number,
  runningMs: number,
  percent: number,
): Estimate | null {
  if (percent < LEAST_PERCENT || percent >= 100 || runningMs < LEAST_MS) return null;
  const evenly = (runningMs * (100 - percent)) / percent;
  if (!before) return { at: now, leftMs: evenly };
  const passedMs = Math.max(0, now - before.at);
  const expected = Math.max(0, before.leftMs - passedMs);
  const weight = 1 - Math.exp(-passedMs / Math.min(FOLLOW_MS, runningMs * FOLLOW_SHARE));
  return { at: now, leftMs: expected + (evenly - expected) * weight };
}

/** `about 2 min left`; as coarse as an estimate is. */
export function leftInWords(leftMs: number): string {
  const seconds = leftMs / 1000;
  if (seconds < 10) return "a few seconds left";
  if (seconds <= 50) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  if (seconds < 90) return "about 1 min left";
  if (seconds < 3_600) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 5_400) return "about 1 h left";
  return `about ${Math.round(seconds / 3_600)} h left`;
}
