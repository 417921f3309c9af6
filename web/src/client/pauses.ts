/** Shorter intervals are taken for this: whoever passes 0 does not mean to ask without end. */
export const SHORTEST_INTERVAL_MS = 1_000;
/** No timer is longer: browsers take 25 days and more for none at all. */
export const LONGEST_PAUSE_MS = 24 * 60 * 60 * 1_000;
export const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_CAP_MS = 5 * 60 * 1_000;

/** From one answer to the next look: the interval, or longer if the API asks for it; both in milliseconds. */
export function pauseAfterAnswer(interval: number, retryAfter: number | null): number {
  const wanted = Number.isNaN(interval) ? SHORTEST_INTERVAL_MS : Math.max(interval, SHORTEST_INTERVAL_MS);
  return Math.max(wanted, retryAfter ?? 0);
}

/**
 * After the nth look in a row without a good answer (n from 1): somewhere between 0 and 1, 2, 4 … seconds, five minutes
 * at most, counted from the end of what the API asks to wait.
 *
 * Full jitter: pages that lost the API in the same moment do not come back in the same moment
 * (M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015). `random` gives 0 to 1.
 */
export function pauseAfterTrouble(n: number, retryAfter: number | null, random: () => number): number {
  const ceiling = Math.min(BACKOFF_FIRST_MS * 2 ** (n - 1), BACKOFF_CAP_MS);
  return (retryAfter ?? 0) + random() * ceiling;
}
