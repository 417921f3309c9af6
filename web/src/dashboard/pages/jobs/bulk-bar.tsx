import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { JobFilter } from "../../api/queries.js";
import type { SummaryView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ConfirmDialog } from "../../parts/confirm-dialog.js";
import { Loading, ProblemNote } from "../../parts/notes.js";
import { CHANGEABLE, jobsInWords, reach, reachInWords, type Reach, type Verb } from "./bulk.js";
import { isFiltered } from "./filter.js";
import type { Order } from "./use-bulk-run.js";

interface Props {
  readonly filter: JobFilter;
  readonly chosen: readonly SummaryView[];
  /** Another change is under way. */
  readonly isBusy: boolean;
  readonly onOrder: (order: Order) => void;
}

type Asked =
  | { readonly verb: Verb; readonly ids: readonly string[]; readonly others: number }
  | { readonly verb: Verb; readonly filter: JobFilter };

const WORDS: Readonly<Record<Verb, string>> = { cancel: "Cancel", retry: "Retry" };

/** Cancel or retry the chosen jobs, or all of the filter; each is asked first, with how many they are. */
export function BulkBar({ filter, chosen, isBusy, onOrder }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const order = (scope: Order["scope"], found: Reach) => {
    if (asked) onOrder({ verb: asked.verb, scope, reach: found });
    close();
  };
  const all = isFiltered(filter) ? "all that match" : "all";
  return (
    <div className="bulk-bar" role="group" aria-label="Change many jobs">
      <p role="status">{chosen.length > 0 && `${jobsInWords(chosen.length)} chosen`}</p>
      {chosen.length > 0
        ? (["cancel", "retry"] as const).map((verb) => {
            const ids = changeable(verb, chosen);
            return (
              <Button
                key={verb}
                disabled={isBusy || ids.length === 0}
                onClick={() => setAsked({ verb, ids, others: chosen.length - ids.length })}
              >
                {WORDS[verb]} {ids.length} chosen
              </Button>
            );
          })
        : (["cancel", "retry"] as const).map((verb) => (
            <Button
              key={verb}
              disabled={isBusy || !mayMatch(verb, filter)}
              title={mayMatch(verb, filter) ? undefined : `${filter.status} jobs cannot be changed so.`}
              onClick={() => setAsked({ verb, filter })}
            >
              {WORDS[verb]} {all} …
            </Button>
          ))}
      {asked && "ids" in asked && <AskChosen {...asked} onYes={order} onClose={close} />}
      {asked && "filter" in asked && <AskFilter {...asked} onYes={order} onClose={close} />}
    </div>
  );
}

function changeable(verb: Verb, jobs: readonly SummaryView[]): readonly string[] {
  return jobs.filter(({ status }) => CHANGEABLE[verb].includes(status)).map(({ id }) => id);
}

function mayMatch(verb: Verb, { status }: JobFilter): boolean {
  return !status || CHANGEABLE[verb].some((each) => each === status);
}

interface AskProps {
  readonly verb: Verb;
  readonly onYes: (scope: Order["scope"], found: Reach) => void;
  readonly onClose: () => void;
}

function AskChosen({
  verb,
  ids,
  others,
  onYes,
  onClose,
}: AskProps & { readonly ids: readonly string[]; readonly others: number }) {
  const title = `${WORDS[verb]} ${jobsInWords(ids.length)}`;
  return (
    <ConfirmDialog
      title={`${title}?`}
      yes={title}
      isDangerous={verb === "cancel"}
      onYes={() => onYes({ ids }, { count: ids.length, isMore: false })}
      onClose={onClose}
    >
      {others > 0 && <p>{jobsInWords(others)} of those chosen cannot be changed so, and will stay as now.</p>}
      <Consequence verb={verb} />
    </ConfirmDialog>
  );
}

function AskFilter({ verb, filter, onYes, onClose }: AskProps & { readonly filter: JobFilter }) {
  const { data, error } = useQuery({
    queryKey: ["reach", verb, filter],
    queryFn: ({ signal }) => reach(verb, filter, signal),
    gcTime: 0,
  });
  const words = data ? reachInWords(data) : "jobs";
  const isNone = data?.count === 0;
  return (
    <ConfirmDialog
      title={isFiltered(filter) ? `${WORDS[verb]} all jobs that match?` : `${WORDS[verb]} all jobs?`}
      yes={isNone ? "Close" : `${WORDS[verb]} ${words}`}
      isDangerous={verb === "cancel" && !isNone}
      isBusy={!data}
      onYes={() => (data && !isNone ? onYes({ filter }, data) : onClose())}
      onClose={onClose}
    >
      <p>{described(filter)}</p>
      <ProblemNote error={error} />
      {!data && !error && <Loading what="how many they are" />}
      {isNone && <p role="status">No job of these can be changed so.</p>}
      {data && !isNone && (
        <>
          <p role="status">
            <strong>{words}</strong> {data.count === 1 ? "is" : "are"} {states(verb, filter)} now. What changes in
            between is left as it is.
          </p>
          <Consequence verb={verb} />
        </>
      )}
    </ConfirmDialog>
  );
}

function states(verb: Verb, { status }: JobFilter): string {
  return status || CHANGEABLE[verb].join(" or ");
}

function described({ projectId, type, status, from, until }: JobFilter): string {
  const parts = [
    `Project ${projectId}`,
    status && `status ${status}`,
    type && `type ${type}`,
    from && `created since ${new Date(from).toLocaleString()}`,
    until && `created before ${new Date(until).toLocaleString()}`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

function Consequence({ verb }: { readonly verb: Verb }) {
  return (
    <p className="quiet">
      {verb === "cancel"
        ? "What was done is not undone; a cancelled job can be retried."
        : "Each is queued again, with the parameters that it had."}
    </p>
  );
}
