import type { CSSProperties } from "react";
import { duration, useNow, wholeTime } from "../../parts/times.js";
import { outcomeInWords, type DrawnAttempt, type Round } from "./story.js";

/** A round's attempts on a line of time: what is empty is waiting. */
export function AttemptChart({ round }: { readonly round: Round }) {
  const now = useNow(round.endsAt === null ? 1_000 : 60_000);
  const from = Date.parse(round.startsAt);
  const until = Math.max(from + 1, round.endsAt === null ? now : Date.parse(round.endsAt));
  return (
    <figure className="attempts-chart">
      <figcaption>
        <b>{round.title}</b>{" "}
        <span className="quiet">
          <time dateTime={round.startsAt}>{wholeTime(round.startsAt)}</time>,{" "}
          {duration(wholeSeconds(until - from, round.endsAt))} {round.endsAt === null ? "so far" : "in all"}
        </span>
      </figcaption>
      {/* The list beneath says the same in words. */}
      <div className="lane" aria-hidden="true">
        {round.attempts.map((attempt) => (
          <span
            key={attempt.number}
            className={`bar ${attempt.outcome}`}
            style={placed(attempt, from, until, now)}
            title={`Attempt ${attempt.number}: ${outcomeInWords(attempt.outcome)}`}
          />
        ))}
      </div>
    </figure>
  );
}

/** What goes on is told in whole seconds. */
function wholeSeconds(ms: number, endsAt: string | null): number {
  return endsAt === null ? Math.floor(ms / 1000) * 1000 : ms;
}

function placed({ startedAt, endedAt }: DrawnAttempt, from: number, until: number, now: number): CSSProperties {
  const share = (at: number) => Math.min(100, Math.max(0, (100 * (at - from)) / (until - from)));
  const left = share(Date.parse(startedAt));
  return { left: `${left}%`, width: `${share(endedAt === null ? now : Date.parse(endedAt)) - left}%` };
}
