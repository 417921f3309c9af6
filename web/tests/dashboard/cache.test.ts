import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JobView } from "../../src/dashboard/api/views.js";
import { applyMessage, Refresher } from "../../src/dashboard/live/cache.js";
import type { JobMessage } from "../../src/dashboard/live/connection.js";

const JOB: JobView = {
  id: "j",
  type: "Import",
  projectId: "demo",
  projectName: "Demo",
  status: "Running",
  progress: 40,
  createdAt: "2026-01-15T10:00:00.000Z",
  updatedAt: "2026-01-15T10:00:01.000Z",
  createdBy: "p",
  createdByName: "P",
  run: 2,
  attempt: 3,
  reports: [],
};
const PROGRESS: JobMessage = { type: "job-progress", jobId: "j", run: 2, version: 7, status: "Running", progress: 60 };

function after(message: JobMessage, job: JobView = JOB) {
  const queries = new QueryClient();
  queries.setQueryData(["job", "j"], job);
  queries.setQueryData(["jobs", { projectId: "demo" }, 50], {
    pages: [{ body: [job], cursor: null }],
    pageParams: [null],
  });
  const refresher = new Refresher(queries);
  applyMessage(queries, refresher, message);
  refresher.stop();
  const list = queries.getQueryData<{ pages: { body: JobView[] }[] }>(["jobs", { projectId: "demo" }, 50]);
  return { shown: queries.getQueryData<JobView>(["job", "j"]), listed: list?.pages[0]?.body[0], queries };
}

describe("what the socket tells of a job", () => {
  test("moves its progress, on its page and in lists", () => {
    const { shown, listed, queries } = after(PROGRESS);
    expect(shown).toEqual({ ...JOB, progress: 60, updatedAt: expect.any(String) });
    expect(Date.parse(shown?.updatedAt ?? "")).toBeGreaterThan(Date.parse(JOB.updatedAt));
    expect(listed?.progress).toBe(60);
    expect(queries.getQueryState(["job", "j"])?.isInvalidated).toBe(false);
  });

  test("a new status is shown at once, and the rest of the job is fetched", () => {
    const { shown, listed, queries } = after({
      ...PROGRESS,
      type: "job-completed",
      status: "Completed",
      progress: 100,
    });
    expect([shown?.status, shown?.progress, listed?.status]).toEqual(["Completed", 100, "Completed"]);
    expect(queries.getQueryState(["job", "j"])?.isInvalidated).toBe(true);
  });

  test("what is older than what was fetched changes nothing", () => {
    const done: JobView = { ...JOB, status: "Completed", progress: 100 };
    expect(after(PROGRESS, done).shown).toEqual(done);
    expect(after({ ...PROGRESS, run: 1, progress: 90 }).shown).toEqual(JOB);
    expect(after({ ...PROGRESS, progress: 30 }).shown).toEqual(JOB);
  });

  test("a later run begins again; a list, which knows no runs, is fetched", () => {
    const failed: JobView = { ...JOB, status: "Failed" };
    const { shown, listed } = after({ ...PROGRESS, run: 3, status: "Queued", progress: 0 }, failed);
    expect([shown?.status, shown?.progress, listed?.status]).toEqual(["Queued", 0, "Failed"]);
  });
});

describe("what is fetched again after changes", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is fetched once for many changes, and once more if it was under way", async () => {
    const queries = new QueryClient();
    const fetched = vi.fn<() => Promise<string>>(async () => new Promise((done) => setTimeout(done, 2_500, "jobs")));
    const observer = new QueryObserver(queries, { queryKey: ["jobs", "demo"], queryFn: fetched });
    const leave = observer.subscribe(() => undefined);
    const refresher = new Refresher(queries);
    for (let change = 0; change < 9; change++) refresher.summaries();
    await vi.advanceTimersByTimeAsync(2_400);
    expect(fetched).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(queries.getQueryData(["jobs", "demo"])).toBe("jobs");
    leave();
    refresher.stop();
  });

  test("waits while the tab is hidden", async () => {
    const queries = new QueryClient();
    queries.setQueryData(["stats", "demo"], {});
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const refresher = new Refresher(queries);
    refresher.all();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(queries.getQueryState(["stats", "demo"])?.isInvalidated).toBe(false);
    hidden.mockReturnValue(false);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(queries.getQueryState(["stats", "demo"])?.isInvalidated).toBe(true);
    refresher.stop();
  });
});
