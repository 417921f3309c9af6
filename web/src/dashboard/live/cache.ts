import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Answer } from "../api/request.js";
import type { JobView, SummaryView } from "../api/views.js";
import type { JobMessage } from "./connection.js";

const FINAL = new Set(["Completed", "Failed", "Cancelled"]);
/** Lists and counts are fetched at most this often, however much is told. */
const REFRESH_MS = 1_000;

type Page = Answer<readonly SummaryView[]>;

/** Fetches lists and counts again after changes, gathered. */
export class Refresher {
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly queries: QueryClient) {}

  /** Soon: the lists, counts and curves that the changes of jobs move. */
  refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const key of ["jobs", "stats", "activity"]) void this.queries.invalidateQueries({ queryKey: [key] });
    }, REFRESH_MS);
  }

  /** Now: everything that is shown, as some of it may have been missed. */
  refreshAll(): void {
    void this.queries.invalidateQueries();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
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
  if (!isListed || message.type !== "job-progress") refresher.refreshSoon();
}

function updated<Job extends SummaryView>(job: Job, run: number, { status, progress, ...message }: JobMessage): Job {
  const isOlder = message.run < run || (message.run === run && FINAL.has(job.status) && !FINAL.has(status));
  const isBehind = message.run === run && job.status === status && progress < job.progress;
  return isOlder || isBehind ? job : { ...job, status, progress };
}
