import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { MeView, TaskRunView, TaskView } from "../../src/dashboard/api/views.js";
import { TaskPage } from "../../src/dashboard/pages/tasks/task-page.js";
import { TasksPage } from "../../src/dashboard/pages/tasks/tasks-page.js";
import { pollMs, scheduleWords, taskTitle } from "../../src/dashboard/pages/tasks/words.js";
import { fakeApi, type Answered, type Asked } from "./fake-api.js";
import { ADMIN, showPage, WRITER } from "./show-page.js";

afterEach(cleanup);

const TASK: TaskView = {
  name: "collect_cdrs",
  status: "completed",
  source: "schedule",
  started: "2026-01-15T10:00:00.000Z",
  completed: "2026-01-15T10:01:20.000Z",
  durationSeconds: 80,
  jobId: "00000000-thejob01",
  schedule: {
    expression: "cron(40 3 * * ? *)",
    timeZone: "UTC",
    enabled: true,
    next: "2026-01-16T03:40:00.000Z",
    words: "At 03:40",
  },
  late: false,
  lateReasons: [],
  runLimitSeconds: 900,
};
const RUN: TaskRunView = {
  jobId: "00000000-therun01",
  status: "Completed",
  source: "p",
  createdAt: "2026-01-15T10:00:00.000Z",
  startedAt: "2026-01-15T10:00:01.000Z",
  completedAt: "2026-01-15T10:01:01.000Z",
  progress: 100,
};

interface Given {
  readonly me?: MeView;
  readonly task?: TaskView;
  readonly change?: (asked: Asked) => Answered;
}

function show({ me = ADMIN, task = TASK, change }: Given = {}) {
  const asked = fakeApi((request) => {
    const { method, path } = request;
    if (path === "me") return { body: me };
    if (method === "POST" && change) return change(request);
    if (path === "tasks") return { body: [task] };
    if (path === "tasks/collect_cdrs") return { body: task };
    return path === "tasks/collect_cdrs/runs" ? { body: [RUN] } : null;
  });
  return asked;
}

const SUSPENDED: TaskView = { ...TASK, status: "suspeneded", suspension: { by: "admin", reason: "New devices" } };

describe("the page of all tasks", () => {
  test("tells a task in words, and why it is late or suspended", async () => {
    show({ task: { ...SUSPENDED, late: true, lateReasons: ["Its data is too old."] } });
    showPage("/tasks", "/tasks", TasksPage);
    const row = within(await screen.findByRole("row", { name: /Collect cdrs/ }));
    expect(row.getByRole("link").getAttribute("href")).toBe("#/tasks/collect_cdrs");
    for (const words of ["Suspended", "New devices", "Late", "Its data is too old.", "At 03:40 (UTC)"]) {
      expect(row.getByText(words)).toBeTruthy();
    }
    expect(row.getByText("At 03:40 (UTC)").title).toBe("cron(40 3 * * ? *)");
    expect(document.body.textContent).not.toContain("suspeneded");
  });
});

describe("the page of a task", () => {
  test("shows its runs; their jobs are opened by admins only, who alone have buttons", async () => {
    show({ me: WRITER });
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    expect(await screen.findByText("therun01")).toBeTruthy();
    expect(screen.queryByRole("link", { name: /job/ })).toBeNull();
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByText(/^Admins run, suspend and resume tasks/)).toBeTruthy();
    cleanup();
    show();
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    expect(await screen.findByRole("link", { name: "Task job therun01" })).toBeTruthy();
    expect(screen.getByRole("row", { name: /therun01/ }).textContent).toContain("1 min");
  });

  test("runs now, and leads to the job", async () => {
    const asked = show({ change: () => ({ status: 202, body: { task: "collect_cdrs", jobId: "00000000-newjob01" } }) });
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    fireEvent.click(await screen.findByRole("button", { name: "Run now" }));
    const link = await screen.findByRole("link", { name: "Task job newjob01" });
    expect(link.getAttribute("href")).toBe("#/jobs/00000000-newjob01");
    expect(asked.some(({ method, path }) => method === "POST" && path === "tasks/collect_cdrs/run")).toBe(true);
  });

  test("shows the sentence of a refusal", async () => {
    const body = { code: "task-running", detail: "A run of this task is under way." };
    show({ change: () => ({ status: 409, body }) });
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    fireEvent.click(await screen.findByRole("button", { name: "Run now" }));
    expect((await screen.findByRole("alert")).textContent).toContain("A run of this task is under way.");
  });

  test("suspends with a reason, or with none", async () => {
    const asked = show({ change: () => ({ body: SUSPENDED }) });
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    for (const reason of ["  New devices ", " "]) {
      fireEvent.click(await screen.findByRole("button", { name: "Suspend …" }));
      const dialog = within(screen.getByRole("dialog"));
      fireEvent.change(dialog.getByLabelText(/^Reason/), { target: { value: reason } });
      fireEvent.click(dialog.getByRole("button", { name: "Suspend" }));
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    }
    expect(asked.filter(({ method }) => method === "POST").map(({ json }) => json)).toEqual([
      { reason: "New devices" },
      {},
    ]);
  });

  test("of a suspended task offers to resume it", async () => {
    show({ task: SUSPENDED });
    showPage("/tasks/:name", "/tasks/collect_cdrs", TaskPage);
    expect(await screen.findByRole("button", { name: "Resume" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Suspend …" })).toBeNull();
  });

  test("that is none says so", async () => {
    show();
    showPage("/tasks/:name", "/tasks/none", TaskPage);
    expect(await screen.findByText("There is no such route.")).toBeTruthy();
  });
});

describe("a task in words", () => {
  test("has a title, its schedule, and is asked for often while it runs", () => {
    expect(taskTitle("collect_charge_cdrs")).toBe("Collect charge cdrs");
    expect(scheduleWords({ expression: "rate(1 day)", timeZone: "Europe/Rome", enabled: true })).toBe(
      "rate(1 day) (Europe/Rome)",
    );
    expect(pollMs([TASK, { ...TASK, status: "running" }])).toBe(5_000);
    expect(pollMs([TASK])).toBe(15_000);
  });
});
