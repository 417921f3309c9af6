import type { EventView, JobView } from "../../api/views.js";
import { duration } from "../../parts/times.js";
import { latest } from "./story.js";

/** With no word from a worker for as long as this, it is said that there is none. */
const QUIET_MS = 2 * 60_000;
/** A job that waits as long as this tells what may be the reason. */
const LONG_MS = 60_000;

/** Why a job is not done yet, as far as what happened to it says; null for one that has ended. */
export function whyNotDone(
  job: Pick<JobView, "status" | "attempt" | "createdAt" | "updatedAt" | "progress">,
  events: readonly EventView[],
  now: number,
): string | null {
  if (job.status === "Running") return whyRunning(job, events, now);
  if (job.status === "Queued") return whyQueued(job, events, now);
  return null;
}

function whyRunning(
  { attempt, updatedAt, progress }: Pick<JobView, "attempt" | "updatedAt" | "progress">,
  events: readonly EventView[],
  now: number,
): string {
  const quietMs = now - Date.parse(updatedAt);
  const lost = events.filter(({ type }) => type === "recovered").length;
  const before = lost > 0 ? ` Workers lost so far: ${lost}.` : "";
  // The socket tells that it runs before the attempt's number is fetched.
  const number = attempt > 0 ? `attempt ${attempt}, ` : "";
  if (quietMs < QUIET_MS) return `A worker is on it: ${number}${progress} % done.${before}`;
  return (
    `Attempt ${attempt} has told of no progress for ${spanOf(quietMs)}. One step may take long; ` +
    `if its worker is lost, another one goes on from the last checkpoint by itself.${before}`
  );
}

function whyQueued({ createdAt }: Pick<JobView, "createdAt">, events: readonly EventView[], now: number): string {
  const last = latest(events, ({ type }) => type !== "started");
  const waitsMs = now - Date.parse(last?.at ?? createdAt);
  const span = spanOf(waitsMs);
  const reason = last?.error ? ` (${last.error.replace(/\.$/, "")})` : "";
  switch (last?.type) {
    case "backed-off":
      return `It waits for a retry since ${span}: attempt ${last.attempt ?? ""} failed${reason}, and it is tried again by itself.`;
    case "recovered":
      return `Its worker was lost ${span} ago; the next free one goes on from the last checkpoint.`;
    case "restarted":
      return `Its start was lost; it was started again ${span} ago, and waits for a worker.`;
    case "continued":
      return `It goes on in slices: the last one reached a checkpoint ${span} ago, and the next waits for a worker.`;
    default: {
      const queued = last?.type === "retried" ? `Queued again for ${span}` : `Queued for ${span}`;
      const long = " All workers are at other jobs, or none runs: the jobs of before come first.";
      return `${queued}: no worker has taken it yet.${waitsMs > LONG_MS ? long : ""}`;
    }
  }
}

/** Whole seconds: a sentence that goes on counting tenths cannot be read. */
function spanOf(ms: number): string {
  const seconds = Math.max(1, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}
