import type { JobFilter } from "../../api/queries.js";
import { call, get, post } from "../../api/request.js";
import type { BulkView, CountsView, OutcomeView, Status, SummaryView } from "../../api/views.js";
import { count } from "../../parts/numbers.js";

/** The API takes so many jobs at once. */
const STEP = 200;
/** More jobs of a filter are not counted one by one. */
const MOST_COUNTED = 1_000;

export type Verb = "cancel" | "retry";

/** Which jobs: these, or those of a filter that can be changed. */
export type Scope = { readonly ids: readonly string[] } | { readonly filter: JobFilter };

/** In which statuses the API can change a job so. */
export const CHANGEABLE: Readonly<Record<Verb, readonly Status[]>> = {
  cancel: ["Queued", "Running"],
  retry: ["Failed", "Cancelled"],
};

/** Where a change of many jobs begins, or goes on. */
export type Place = { readonly from: number } | { readonly cursor: string | null };

export interface Step {
  readonly outcomes: readonly OutcomeView[];
  /** Null after the last step. */
  readonly next: Place | null;
}

export function start(scope: Scope): Place {
  return "ids" in scope ? { from: 0 } : { cursor: null };
}

/** Change the next jobs, at most 200. Safe to repeat: what was changed is refused, or unchanged. */
export async function takeStep(verb: Verb, scope: Scope, place: Place): Promise<Step> {
  if ("ids" in scope && "from" in place) {
    const until = place.from + STEP;
    const body = { ids: scope.ids.slice(place.from, until) };
    const { outcomes } = await post<BulkView>(`api/jobs/${verb}`, body);
    return { outcomes, next: until < scope.ids.length ? { from: until } : null };
  }
  const filter = "filter" in scope ? withoutNulls(scope.filter) : {};
  const cursor = "cursor" in place && place.cursor !== null ? { cursor: place.cursor } : {};
  const { outcomes, next } = await post<BulkView>(`api/jobs/${verb}`, { filter, limit: STEP, ...cursor });
  return { outcomes, next: next === undefined ? null : { cursor: next } };
}

/** How many jobs a change would reach; `isMore` when there are more, which were not counted. */
export interface Reach {
  readonly count: number;
  readonly isMore: boolean;
}

/** How many of a filter's jobs can be changed: by the project's counts where they tell it, else counted in the lists. */
export async function reach(verb: Verb, filter: JobFilter, signal: AbortSignal): Promise<Reach> {
  const statuses = CHANGEABLE[verb].filter((each) => !filter.status || each === filter.status);
  if (!filter.type && !filter.from && !filter.until) {
    const path = `api/jobs/projects/${encodeURIComponent(filter.projectId)}/stats`;
    const counts = await get<CountsView>(path, { signal });
    return { count: sum(statuses.map((each) => counts[each.toLowerCase() as keyof CountsView])), isMore: false };
  }
  let total = 0;
  for (const status of statuses) {
    let cursor: string | null = null;
    do {
      const query = { ...filter, status, limit: STEP, cursor };
      const page: { body: readonly SummaryView[]; cursor: string | null } = await call("api/jobs", { query, signal });
      total += page.body.length;
      cursor = page.cursor;
      if (total >= MOST_COUNTED && (total > MOST_COUNTED || cursor)) return { count: MOST_COUNTED, isMore: true };
    } while (cursor);
  }
  return { count: total, isMore: false };
}

/** `118 cancelled, 2 refused` */
export function inWords(outcomes: readonly OutcomeView[]): string {
  const words = [
    ["cancelled", "cancelled"],
    ["queued", "queued again"],
    ["refused", "refused"],
  ] as const;
  const parts = words.flatMap(([outcome, word]) => {
    const many = outcomes.filter((each) => each.outcome === outcome).length;
    return many > 0 ? [`${count(many)} ${word}`] : [];
  });
  return parts.length > 0 ? parts.join(", ") : "No job was changed";
}

/** `1 job`, `1,234 jobs` */
export function jobsInWords(many: number): string {
  return `${count(many)} ${many === 1 ? "job" : "jobs"}`;
}

/** `more than 1,000 jobs` */
export function reachInWords(found: Reach): string {
  return found.isMore ? `more than ${jobsInWords(found.count)}` : jobsInWords(found.count);
}

function withoutNulls(filter: JobFilter): object {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}
