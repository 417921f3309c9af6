import { useEffect, useState } from "react";

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The present, which moves on with `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A moment as people say it, "3 minutes ago"; the whole of it, in the reader's own time zone, in its title. */
export function When({ at }: { readonly at: string }) {
  const now = useNow(10_000);
  return (
    <time dateTime={at} title={wholeTime(at)}>
      {relativeTime(Date.parse(at), now)}
    </time>
  );
}

export function wholeTime(at: string): string {
  return WHOLE.format(new Date(at));
}

export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return Math.abs(seconds) < 10 ? "just now" : RELATIVE.format(Math.trunc(seconds / size), unit);
}

/** A time span: `850 ms`, `12.3 s`, `15 min`, `4 min 5 s`, `2 h 3 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_600) return inUnits(seconds, 60, "min", 1, "s");
  if (seconds < 86_400) return inUnits(seconds, 3_600, "h", 60, "min");
  return inUnits(seconds, 86_400, "d", 3_600, "h");
}

function inUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** A time that goes on since a moment. */
export function Since({ at }: { readonly at: string }) {
  const seconds = Math.floor(Math.max(0, useNow() - Date.parse(at)) / 1000);
  return <>{seconds < 60 ? `${seconds} s` : duration(seconds * 1000)}</>;
}
