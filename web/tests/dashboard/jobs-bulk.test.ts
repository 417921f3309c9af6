import { describe, expect, test } from "vitest";
import { inWords, reach, reachInWords, start, takeStep, type Place } from "../../src/dashboard/pages/jobs/bulk.js";
import { fakeApi } from "./fake-api.js";

const NONE = { status: null, type: null, from: null, until: null };
const DEMO = { projectId: "demo", ...NONE };
const signal = new AbortController().signal;

/** An API with so many jobs in each status, at most 200 on a page. */
function withJobs(many: Readonly<Record<string, number>>) {
  return fakeApi(({ path, query }) => {
    if (path.endsWith("/stats")) return { body: { queued: 3, running: 4, completed: 5, failed: 6, cancelled: 7 } };
    const from = Number(query["cursor"] ?? 0);
    const all = many[query["status"] ?? ""] ?? 0;
    const page = Math.min(Number(query["limit"]), all - from);
    return { body: Array.from({ length: page }, () => ({})), next: from + page < all ? String(from + page) : null };
  });
}

describe("how many jobs a change would reach", () => {
  test("is what the project counts, of those that can be changed", async () => {
    const asked = withJobs({});
    expect(await reach("cancel", DEMO, signal)).toEqual({ count: 7, isMore: false });
    expect(await reach("retry", { ...DEMO, status: "Failed" }, signal)).toEqual({ count: 6, isMore: false });
    expect(asked.map(({ path }) => path)).toEqual(["jobs/projects/demo/stats", "jobs/projects/demo/stats"]);
  });

  test("is counted where a type or a time is asked for", async () => {
    const asked = withJobs({ Queued: 250, Running: 3, Failed: 99 });
    const filter = { ...DEMO, type: "Import", from: "2026-01-15T09:00:00.000Z" };
    expect(await reach("cancel", filter, signal)).toEqual({ count: 253, isMore: false });
    expect(asked.map(({ query }) => query["status"])).toEqual(["Queued", "Queued", "Running"]);
    expect(asked[0]?.query).toMatchObject({ projectId: "demo", type: "Import", from: "2026-01-15T09:00:00.000Z" });
  });

  test.each([
    [{ Failed: 1_000 }, "1,000 jobs"],
    [{ Failed: 1_001 }, "more than 1,000 jobs"],
    [{ Failed: 1_000, Cancelled: 1 }, "more than 1,000 jobs"],
    [{ Failed: 1 }, "1 job"],
  ])("of %o is: %s", async (many, words) => {
    withJobs(many);
    expect(reachInWords(await reach("retry", { ...DEMO, type: "Import" }, signal))).toBe(words);
  });
});

describe("a change of many jobs", () => {
  test("takes chosen ones 200 at a time", async () => {
    const ids = Array.from({ length: 401 }, (_, index) => `job-${index}`);
    const asked = fakeApi(({ json }) => ({
      body: { outcomes: (json as { ids: string[] }).ids.map((id) => ({ id, outcome: "cancelled" })) },
    }));
    let place: Place | null = start({ ids });
    const done: string[] = [];
    while (place) {
      const { outcomes, next } = await takeStep("cancel", { ids }, place);
      done.push(...outcomes.map(({ id }) => id));
      place = next;
    }
    expect(done).toEqual(ids);
    expect(asked.map(({ path }) => path)).toEqual(["jobs/cancel", "jobs/cancel", "jobs/cancel"]);
  });

  test("takes a filter's jobs from cursor to cursor, and tells only what is filtered by", async () => {
    const asked = fakeApi(({ json }) => {
      const isFirst = (json as { cursor?: string }).cursor === undefined;
      return { body: { outcomes: [{ id: "a", outcome: "queued" }], ...(isFirst ? { next: "c1" } : {}) } };
    });
    const scope = { filter: { ...DEMO, status: "Failed" } };
    const first = await takeStep("retry", scope, start(scope));
    expect(first.next).toEqual({ cursor: "c1" });
    expect((await takeStep("retry", scope, first.next!)).next).toBeNull();
    expect(asked.map(({ json }) => json)).toEqual([
      { filter: { projectId: "demo", status: "Failed" }, limit: 200 },
      { filter: { projectId: "demo", status: "Failed" }, limit: 200, cursor: "c1" },
    ]);
  });

  test("is told in words", () => {
    const outcomes = [
      { id: "a", outcome: "cancelled" as const },
      { id: "b", outcome: "refused" as const, error: "It has ended." },
      { id: "c", outcome: "cancelled" as const },
    ];
    expect(inWords(outcomes)).toBe("2 cancelled, 1 refused");
    expect(inWords([{ id: "a", outcome: "queued" }])).toBe("1 queued again");
    expect(inWords([])).toBe("No job was changed");
  });
});
