import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Answer } from "../api/request.js";
import type { JobView, SummaryView } from "../api/views.js";
import type { JobMessage } from "./connection.js";

const FINAL = new Set(["Completed", "Failed", "Cancelled"]);
/** For how long changes are gathered before this is fetched again, in milliseconds: what many jobs move, for longer. */
const GATHER_MS: Readonly<Record<string, number>> = { job: 1_000, jobs: 1_000, stats: 3_000, activity: 10_000 };

type Page = Answer<readonly SummaryView[]>;

/** Fetches again, gathered, what was changed or may have been missed. What a tab does not show waits until it does. */
export class Refresher {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(readonly queries: QueryClient) {}

  /** What the changes of jobs move: lists, counts, curves. */
  summaries(): void {
    for (const key of ["jobs", "stats", "activity"]) this.#refresh(key);
  }

  /** All of that, and the jobs that are looked at. */
  all(): void {
    for (const key of Object.keys(GATHER_MS)) this.#refresh(key);
  }

  stop(): void {
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
  }

  #refresh(key: string): void {
    if (this.#timers.has(key)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      // What is being fetched may be from before the change: it is waited for, not broken off, and fetched once more.
      if (document.hidden || this.queries.isFetching({ queryKey: [key] }) > 0) this.#refresh(key);
      else void this.queries.invalidateQueries({ queryKey: [key] });
    }, GATHER_MS[key]);
    this.#timers.set(key, timer);
  }
}

/** Put what was told of a job into what was fetched; a change of its status has more to it, which is fetched. */
export function applyMessage(queries: QueryClient, refresher: Refresher, message: JobMessage): void {
  const key = ["job", message.jobId];
  const known = queries.getQueryData<JobView>(key);
  const isMove = known !== undefined && (known.status !== message.status || known.run !== message.run);
  queries.setQueryData<JobView>(key, (job) => job && updated(job, job.run, message));
  if (isMove) void queries.invalidateQueries({ queryKey: key });
  let isListed = false;
  queries.setQueriesData<InfiniteData<Page>>({ queryKey: ["jobs"] }, (list) => {
    if (!list) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      body: page.body.map((job) => {
        if (job.id !== message.jobId) return job;
        isListed ||= job.status === message.status;
        return updated(job, message.run, message);
      }),
    }));
    return { ...list, pages };
  });
  if (!isListed || message.type !== "job-progress") refresher.summaries();
}

function updated<Job extends SummaryView>(job: Job, run: number, { status, progress, ...message }: JobMessage): Job {
  const isOlder = message.run < run || (message.run === run && FINAL.has(job.status) && !FINAL.has(status));
  const isBehind = message.run === run && job.status === status && progress < job.progress;
  if (isOlder || isBehind) return job;
  return { ...job, status, progress, ...("updatedAt" in job && { updatedAt: new Date().toISOString() }) };
}
