import { describe, expect, test } from "vitest";
import type { AttemptView, EventView, JobView } from "../../src/dashboard/api/views.js";
import { curlOf } from "../../src/dashboard/pages/job/curl.js";
import { adviceOf } from "../../src/dashboard/pages/job/failure-advice.js";
import { eventInWords, roundsOf } from "../../src/dashboard/pages/job/story.js";
import { leftInWords, nextEstimate, type Estimate } from "../../src/dashboard/pages/job/time-left.js";
import { partsOf, shortText } from "../../src/dashboard/pages/job/values.js";
import { whyNotDone } from "../../src/dashboard/pages/job/why.js";

const at = (second: number) => new Date(Date.UTC(2026, 0, 15, 10, 0, second)).toISOString();
const JOB: JobView = {
  id: "j",
  type: "Import",
  projectId: "demo",
  projectName: "Demo",
  status: "Running",
  progress: 40,
  createdAt: at(0),
  startedAt: at(1),
  updatedAt: at(20),
  createdBy: "p",
  createdByName: "Pat",
  run: 1,
  attempt: 2,
  reports: [],
};
const ended = (number: number, from: number, to: number, outcome: string): AttemptView => ({
  number,
  run: 1,
  startedAt: at(from),
  endedAt: at(to),
  outcome,
});
const event = (type: string, second: number, more: Partial<EventView> = {}): EventView => ({
  type,
  at: at(second),
  run: 1,
  ...more,
});

describe("the time that is left", () => {
  test("is not told before it says something, nor at the end", () => {
    expect(nextEstimate(null, 0, 60_000, 4)).toBeNull();
    expect(nextEstimate(null, 0, 4_000, 50)).toBeNull();
    expect(nextEstimate(null, 0, 60_000, 100)).toBeNull();
  });

  test("goes on as evenly as before, and runs down with the clock", () => {
    expect(nextEstimate(null, 0, 30_000, 25)?.leftMs).toBe(90_000);
    const later = nextEstimate({ at: 0, leftMs: 90_000 }, 1_000, 31_000, 26);
    expect(later?.leftMs).toBeGreaterThan(87_000);
    expect(later?.leftMs).toBeLessThan(90_000);
  });

  test("does not jump when the progress does, and follows it within half a minute", () => {
    let estimate: Estimate | null = { at: 0, leftMs: 90_000 };
    estimate = nextEstimate(estimate, 1_000, 31_000, 80);
    expect(estimate?.leftMs).toBeGreaterThan(75_000);
    for (let second = 2; second <= 30; second++)
      estimate = nextEstimate(estimate, second * 1_000, 30_000 + second * 1_000, 80);
    expect(estimate?.leftMs).toBeLessThan(25_000);
  });

  test("of a short job follows a jump within seconds", () => {
    let estimate = nextEstimate(null, 0, 6_000, 14);
    for (let second = 1; second <= 4; second++)
      estimate = nextEstimate(estimate, second * 1_000, 6_000 + second * 1_000, 70);
    expect(estimate?.leftMs).toBeLessThan(12_000);
  });

  test("grows when a job stands still, instead of ending at nothing", () => {
    let estimate: Estimate | null = null;
    for (let second = 10; second <= 200; second++)
      estimate = nextEstimate(estimate, second * 1_000, second * 1_000, 50);
    expect(estimate?.leftMs).toBeGreaterThan(100_000);
  });

  test.each([
    [4_000, "a few seconds left"],
    [31_000, "about 40 s left"],
    [70_000, "about 1 min left"],
    [130_000, "about 2 min left"],
    [7_000_000, "about 2 h left"],
  ])("of %d ms in words is %s", (ms, words) => expect(leftInWords(ms)).toBe(words));
});

describe("the rounds of a job", () => {
  test("have the attempts that ended and the one at work", () => {
    const events = [event("created", 0), event("started", 1, { attempt: 1 }), event("started", 9, { attempt: 2 })];
    const rounds = roundsOf(JOB, events, [ended(1, 1, 5, "retried")]);
    expect(rounds).toHaveLength(1);
    expect(rounds[0]).toMatchObject({ title: "Submitted by Pat", startsAt: at(0), endsAt: null });
    expect(rounds[0]?.attempts.map(({ number, startedAt, endedAt }) => [number, startedAt, endedAt])).toEqual([
      [1, at(1), at(5)],
      [2, at(9), null],
    ]);
  });

  test("begin anew with a retry by a person; a recovery goes on in the same one", () => {
    const job: JobView = { ...JOB, status: "Completed", run: 3, attempt: 3, completedAt: at(55) };
    const events = [
      event("created", 0),
      event("recovered", 6, { attempt: 1 }),
      event("failed", 10, { attempt: 2 }),
      event("retried", 50, { by: "Kim" }),
      event("completed", 55, { attempt: 3 }),
    ];
    const attempts = [ended(1, 1, 6, "lost"), ended(2, 7, 10, "failed"), ended(3, 51, 55, "completed")];
    const rounds = roundsOf(job, events, attempts);
    expect(rounds.map(({ title, endsAt, attempts: own }) => [title, endsAt, own.length])).toEqual([
      ["Submitted by Pat", at(10), 2],
      ["Retried by Kim", at(55), 1],
    ]);
  });
});

describe("why a job is not done", () => {
  const queued: JobView = { ...JOB, status: "Queued" };
  const now = Date.parse(at(30));
  const why = (job: JobView, ...events: EventView[]) => whyNotDone(job, [event("created", 0), ...events], now);

  test("is told of one that waits, by what happened last", () => {
    expect(why(queued)).toBe("Queued for 30 s: no worker has taken it yet.");
    expect(why(queued, event("backed-off", 20, { attempt: 1, error: "S3 did not answer." }))).toBe(
      "It waits for a retry since 10 s: attempt 1 failed (S3 did not answer), and it is tried again by itself.",
    );
    expect(why(queued, event("recovered", 20))).toMatch(/^Its worker was lost 10 s ago/);
    expect(why(queued, event("restarted", 20))).toMatch(/^Its start was lost/);
    expect(why(queued, event("started", 5), event("continued", 20))).toMatch(/checkpoint 10 s ago/);
    expect(why(queued, event("retried", 20))).toMatch(/^Queued again for 10 s/);
  });

  test("is told of one at work, also that nothing was heard of it; of an ended one nothing is", () => {
    expect(why(JOB)).toBe("A worker is on it: attempt 2, 40 % done.");
    expect(why({ ...JOB, attempt: 0 })).toBe("A worker is on it: 40 % done.");
    expect(whyNotDone(JOB, [], now + 600_000)).toMatch(/no progress for 10 min/);
    expect(why({ ...JOB, status: "Completed" })).toBeNull();
  });
});

test("an event says who did it and why", () => {
  expect(eventInWords(event("cancelled", 1, { by: "Kim" }))).toBe("Kim cancelled it.");
  expect(eventInWords(event("failed", 1, { error: "No." }))).toBe("It failed: No.");
  expect(eventInWords(event("something-new", 1))).toBe("something-new.");
});

const advice = (errorKind: string, more: Partial<JobView> = {}) => adviceOf({ ...JOB, errorKind, ...more });

test("the advice for a failure goes by its kind", () => {
  expect(advice("input")).toBe("Correct the file and send it again.");
  expect(advice("input", { type: "Export" })).toMatch(/edited parameters/);
  expect(advice("timeout")).toMatch(/^Retry it/);
  expect(advice("dependency")).toMatch(/^Retry it/);
  expect(advice("internal", { retryable: true })).toMatch(/^Retry it/);
  expect(advice("internal", { retryable: false })).toMatch(/does not help.*: j\.$/);
});

test("the command submits the same again; a quotation mark does not end it", () => {
  expect(
    curlOf({ type: "Export", projectId: "demo", params: { dataset: "o'brien" } }, "https://api.example.com/api/jobs"),
  ).toBe(
    [
      "curl --fail-with-body -X POST 'https://api.example.com/api/jobs' \\",
      '  -H "Authorization: Bearer $TOKEN" \\',
      "  -H 'Content-Type: application/json' \\",
      String.raw`  --data '{"type":"Export","projectId":"demo","params":{"dataset":"o'\''brien"}}'`,
    ].join("\n"),
  );
});

test("a result falls into lines, objects and tables", () => {
  const { simple, objects, tables } = partsOf({
    rows: 1234.5,
    valid: false,
    files: ["a", "b"],
    csv: { d: ";" },
    rules: [{ r: 1 }],
  });
  expect(simple).toEqual([
    ["rows", "1,234.5"],
    ["valid", "no"],
    ["files", "a, b"],
  ]);
  expect(objects).toEqual([["csv", { d: ";" }]]);
  expect(tables).toEqual([["rules", [{ r: 1 }]]]);
  expect(shortText(null)).toBe("–");
});
