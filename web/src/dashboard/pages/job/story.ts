import type { AttemptView, EventView, JobView } from "../../api/views.js";

/** What an event says, as a sentence. */
export function eventInWords({ type, by, attempt, error }: EventView): string {
  const who = by ?? "Somebody";
  const number = attempt === undefined ? "An attempt" : `Attempt ${attempt}`;
  const why = error ? `: ${error}` : ".";
  switch (type) {
    case "created":
      return by ? `${by} submitted it.` : "It was submitted.";
    case "started":
      return `${number} started: a worker took it.`;
    case "continued":
      return `${number} reached a checkpoint; the next one goes on from there.`;
    case "backed-off":
      return `${number} failed in a way that may pass; it is tried again by itself${why}`;
    case "recovered":
      return `${number} lost its worker; another one goes on from the last checkpoint.`;
    case "restarted":
      return "Its start or its message was lost; it was started again by itself.";
    case "retried":
      return `${who} retried it.`;
    case "cancelled":
      return by ? `${by} cancelled it.` : "It was cancelled.";
    case "completed":
      return "It completed.";
    case "failed":
      return `It failed${why}`;
    default:
      return `${type}${why}`;
  }
}

/** An attempt's outcome in a word or two. */
export function outcomeInWords(outcome: string): string {
  const words: Readonly<Record<string, string>> = {
    completed: "Completed",
    failed: "Failed",
    cancelled: "Cancelled",
    continued: "Checkpoint, continued",
    retried: "Failed, tried again",
    lost: "Worker lost",
    running: "Running",
  };
  return words[outcome] ?? outcome;
}

/** An attempt as it is drawn: `endedAt` null is one that goes on. */
export interface DrawnAttempt extends Pick<AttemptView, "number" | "run" | "startedAt" | "outcome"> {
  readonly endedAt: string | null;
  readonly error: string | null;
}

/** From a submit, or a retry by a person, to the end: what recovers by itself in between stands on one line of time. */
export interface Round {
  readonly title: string;
  readonly startsAt: string;
  /** Null while it goes on. */
  readonly endsAt: string | null;
  readonly attempts: readonly DrawnAttempt[];
}

/** The job's rounds, the first one first. */
export function roundsOf(
  job: Pick<JobView, "status" | "run" | "attempt" | "startedAt" | "createdAt" | "createdByName" | "completedAt">,
  events: readonly EventView[],
  ended: readonly AttemptView[],
): readonly Round[] {
  const begins = [
    { at: job.createdAt, title: `Submitted by ${job.createdByName}` },
    ...events
      .filter(({ type }) => type === "retried")
      .map(({ at, by }) => ({ at, title: `Retried${by ? ` by ${by}` : ""}` })),
  ];
  const attempts = [...ended.map(drawn), ...runningOf(job, events, ended)];
  return begins.map(({ at, title }, place) => {
    const next = begins[place + 1]?.at ?? null;
    const own = attempts.filter(({ startedAt }) => startedAt >= at && (next === null || startedAt < next));
    const endsAt = next === null ? (job.completedAt ?? null) : endOf(at, next, events, own);
    return { title, startsAt: at, endsAt, attempts: own };
  });
}

function drawn({ number, run, startedAt, endedAt, outcome, error }: AttemptView): DrawnAttempt {
  return { number, run, startedAt, endedAt, outcome, error: error ?? null };
}

const ENDS = new Set(["failed", "cancelled", "completed"]);

/** When a round was over that a retry followed: its end, not the retry, which may have come days later. */
function endOf(
  startsAt: string,
  next: string,
  events: readonly EventView[],
  attempts: readonly DrawnAttempt[],
): string {
  const end = latest(events, ({ type, at }) => ENDS.has(type) && at >= startsAt && at <= next);
  return end?.at ?? attempts.at(-1)?.endedAt ?? next;
}

/** The attempt that is at work; the API lists those that ended. */
function runningOf(
  job: Pick<JobView, "status" | "run" | "attempt" | "startedAt">,
  events: readonly EventView[],
  ended: readonly AttemptView[],
): readonly DrawnAttempt[] {
  if (job.status !== "Running" || ended.some(({ number }) => number === job.attempt)) return [];
  const start = latest(events, ({ type, attempt }) => type === "started" && attempt === job.attempt)?.at;
  const startedAt = start ?? job.startedAt;
  if (!startedAt) return [];
  return [{ number: job.attempt, run: job.run, startedAt, endedAt: null, outcome: "running", error: null }];
}

/** The newest event that is such a one. */
export function latest(events: readonly EventView[], isWanted: (event: EventView) => boolean): EventView | undefined {
  for (let place = events.length - 1; place >= 0; place--) {
    const event = events[place];
    if (event && isWanted(event)) return event;
  }
  return undefined;
}
