import { useEffect, useRef } from "react";
import { Link } from "wouter";
import type { OutcomeView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { shortId } from "../../parts/job-link.js";
import { ProblemNote } from "../../parts/notes.js";
import { count } from "../../parts/numbers.js";
import { inWords, reachInWords } from "./bulk.js";
import type { BulkRun } from "./use-bulk-run.js";

/** More refusals than these are only counted. */
const MOST_SHOWN = 50;

interface Props {
  readonly run: BulkRun;
  readonly onStop: () => void;
  readonly onGoOn: () => void;
  readonly onClose: () => void;
}

/** How a change of many jobs goes on, and what became of it. */
export function BulkOutcome({ run, onStop, onGoOn, onClose }: Props) {
  const { order, outcomes, state, problem } = run;
  const isUnderWay = state === "running" || state === "stopping";
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const what = order.verb === "cancel" ? "Cancelling" : "Retrying";
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  return (
    <section ref={panel} className="card bulk" tabIndex={-1} aria-label={`${what} jobs`}>
      {isUnderWay && <Steps what={`${what} ${reachInWords(order.reach)}`} done={outcomes.length} order={order} />}
      <p role="status">
        {!isUnderWay && <strong>{inWords(outcomes)}.</strong>}
        {state === "stopped" && problem === null && " Stopped: the others are as they were."}
      </p>
      <ProblemNote error={problem} />
      <Refused outcomes={refused} />
      <div className="actions">
        {isUnderWay && (
          <Button onClick={onStop} isBusy={state === "stopping"}>
            Stop
          </Button>
        )}
        {state === "stopped" && <Button onClick={onGoOn}>Go on</Button>}
        {!isUnderWay && <Button onClick={onClose}>Close</Button>}
      </div>
    </section>
  );
}

function Steps({ what, done, order }: { readonly what: string; readonly done: number; readonly order: Order }) {
  const { reach } = order;
  return (
    <div className="steps">
      <p>
        {what} … {count(done)} {reach.isMore ? "" : `of ${count(reach.count)}`} done
      </p>
      {reach.isMore ? (
        <progress aria-label={what} />
      ) : (
        <progress aria-label={what} max={Math.max(reach.count, done, 1)} value={done} />
      )}
    </div>
  );
}

type Order = BulkRun["order"];

function Refused({ outcomes }: { readonly outcomes: readonly OutcomeView[] }) {
  if (outcomes.length === 0) return null;
  return (
    <details open={outcomes.length <= 5}>
      <summary>Refused, and why</summary>
      <ul>
        {outcomes.slice(0, MOST_SHOWN).map(({ id, error }) => (
          <li key={id}>
            <Link href={`/jobs/${id}`} className="code" title={id} aria-label={`Job ${shortId(id)}`}>
              {shortId(id)}
            </Link>
            : {error}
          </li>
        ))}
      </ul>
      {outcomes.length > MOST_SHOWN && <p>and {count(outcomes.length - MOST_SHOWN)} more</p>}
    </details>
  );
}
