const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

/**
 * How long an answer's `Retry-After` (RFC 9110, 10.2.3: seconds or a date) asks to wait, in milliseconds; null when
 * there is none to be read, 0 for a date that is past.
 *
 * A date is measured against the answer's own `Date` where that can be read: the user's clock may be wrong.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get("Retry-After") ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return null;
  const pause = Date.parse(value) - (dateOf(headers) ?? now);
  return Number.isNaN(pause) ? null : Math.max(0, pause);
}

function dateOf(headers: Headers): number | null {
  const value = Date.parse(headers.get("Date") ?? "");
  return Number.isNaN(value) ? null : value;
}
