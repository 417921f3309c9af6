import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Answer } from "../api/request.js";
import type { JobView, SummaryView } from "../api/views.js";
import type { JobMessage } from "./connection.js";

const FINAL = new Set(["Completed", "Failed", "Cancelled"]);
/** What is told is gathered for this long before anything is fetched. */
const REFRESH_MS = 1_000;
/** Lists, counts and curves: what changes with any job. */
const SUMMARIES = ["jobs", "stats", "activity"] as const;

type Page = Answer<readonly SummaryView[]>;

/** Fetches again, gathered, what was changed or may have been missed. */
export class Refresher {
  readonly #due = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly queries: QueryClient) {}

  /** What the changes of jobs move. */
  summaries(): void {
    this.#refresh(SUMMARIES);
  }

  /** All of that, and the jobs that are looked at. */
  all(): void {
    this.#refresh([...SUMMARIES, "job"]);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #refresh(keys: readonly string[]): void {
    for (const key of keys) this.#due.add(key);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      // What is being fetched may be from before the change: it is waited for, not broken off, and fetched once more.
      const idle = [...this.#due].filter((key) => this.queries.isFetching({ queryKey: [key] }) === 0);
      for (const key of idle) {
        this.#due.delete(key);
        void this.queries.invalidateQueries({ queryKey: [key] });
      }
      if (this.#due.size > 0) this.#refresh([]);
    }, REFRESH_MS);
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
  return isOlder || isBehind ? job : { ...job, status, progress };
}
