import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { MeView, Status, SummaryView } from "../../src/dashboard/api/views.js";
import { JobsPage } from "../../src/dashboard/pages/jobs/jobs-page.js";
import { fakeApi, type Answered, type Asked } from "./fake-api.js";
import { READER, showPage, WRITER } from "./show-page.js";

afterEach(cleanup);

function jobOf(id: string, status: Status): SummaryView {
  return {
    id: `00000000-${id}`,
    type: "Import",
    projectId: "demo",
    projectName: "Demo",
    status,
    progress: 40,
    createdAt: "2026-01-15T10:00:00.000Z",
    createdBy: "p",
    createdByName: "P",
  };
}

const JOBS = [jobOf("running1", "Running"), jobOf("failed01", "Failed"), jobOf("queued01", "Queued")];

interface Given {
  readonly me?: MeView;
  readonly jobs?: readonly SummaryView[];
  readonly more?: readonly SummaryView[];
  readonly address?: string;
  readonly change?: (asked: Asked) => Answered | Promise<Answered>;
}

function show({ me = WRITER, jobs = JOBS, more = [], address = "/jobs", change }: Given = {}) {
  const asked = fakeApi((request) => {
    const { method, path, query } = request;
    if (path === "me") return { body: me };
    if (path === "job-types") return { body: [{ type: "Import", description: "", schema: {} }] };
    if (path.endsWith("/stats"))
      return { body: { total: 9, queued: 1, running: 1, completed: 0, failed: 7, cancelled: 0 } };
    if (method === "POST" && change) return change(request);
    if (path !== "jobs") return null;
    const shown = query["cursor"] ? more : jobs;
    return { body: shown, next: !query["cursor"] && more.length > 0 ? "c1" : null };
  });
  showPage("/jobs", address, JobsPage);
  return asked;
}

/** A promise that the test keeps when it is time. */
function later<Value>() {
  const held: { resolve?: (value: Value) => void } = {};
  const promise = new Promise<Value>((resolve) => {
    held.resolve = resolve;
  });
  return { promise, resolve: (value: Value) => held.resolve?.(value) };
}

const listed = (asked: readonly Asked[]) => asked.filter(({ path }) => path === "jobs").map(({ query }) => query);

describe("the page of jobs", () => {
  test("asks for what the address says, and names the project in it", async () => {
    const asked = show({ address: "/jobs?status=Failed&type=Task&until=2026-01-15T10%3A00%3A00.000Z" });
    await screen.findByRole("table");
    expect(listed(asked)[0]).toEqual({
      projectId: "demo",
      status: "Failed",
      type: "Task",
      until: "2026-01-15T10:00:00.000Z",
      limit: "50",
    });
    expect(window.location.hash).toContain("project=demo");
    expect(screen.getByLabelText<HTMLSelectElement>("Type").value).toBe("Task");
  });

  test("puts a choice into the address, where Back takes it away, and Clear filter too", async () => {
    const asked = show();
    await screen.findByRole("table");
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "Failed" } });
    await waitFor(() => expect(listed(asked).at(-1)).toMatchObject({ status: "Failed" }));
    expect(window.location.hash).toBe("#/jobs?project=demo&status=Failed");
    fireEvent.click(screen.getByRole("button", { name: "Clear filter" }));
    await waitFor(() => expect(window.location.hash).toBe("#/jobs?project=demo"));
    window.history.back();
    await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Status").value).toBe("Failed"));
  });

  test("loads more by the cursor, and says how many are shown", async () => {
    show({ more: [jobOf("older001", "Completed")] });
    fireEvent.click(await screen.findByRole("button", { name: "Load more" }));
    expect(await screen.findByText("All 4 are shown")).toBeTruthy();
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("aria-label"))).toContain("Import job older001");
  });

  test("gives readers nothing to choose, and says why", async () => {
    show({ me: READER });
    await screen.findByRole("table");
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.queryByRole("button", { name: /Cancel|Retry/ })).toBeNull();
    expect(screen.getByText(/You read this project/)).toBeTruthy();
  });

  test("tells a person without projects what to ask for", async () => {
    show({ me: { ...WRITER, projects: [] } });
    expect(await screen.findByText("PROJECT:writer")).toBeTruthy();
  });

  test("tells an empty filter from an empty project", async () => {
    show({ jobs: [], address: "/jobs?status=Failed" });
    expect(await screen.findByText("No job matches.")).toBeTruthy();
    cleanup();
    show({ jobs: [] });
    expect(await screen.findByRole("link", { name: "Submit a job" })).toBeTruthy();
  });
});

describe("changing many jobs", () => {
  test("counts the chosen ones that can be changed, asks, and tells what was refused and why", async () => {
    const asked = show({
      change: () => ({
        body: {
          outcomes: [
            { id: "00000000-running1", outcome: "cancelled", status: "Cancelled" },
            { id: "00000000-queued01", outcome: "refused", error: "The job has ended.", errorCode: "not-cancellable" },
          ],
        },
      }),
    });
    fireEvent.click(await screen.findByRole("checkbox", { name: "Choose all shown" }));
    fireEvent.click(screen.getByRole("button", { name: "Cancel 2 chosen" }));
    const dialog = screen.getByRole("dialog", { name: "Cancel 2 jobs?" });
    expect(within(dialog).getByText(/^1 job of those chosen cannot be changed so/)).toBeTruthy();
    fireEvent.click(within(dialog).getByRole("button", { name: "Cancel 2 jobs" }));
    expect(await screen.findByText("1 cancelled, 1 refused.")).toBeTruthy();
    expect(screen.getByText(/The job has ended\./)).toBeTruthy();
    expect(asked.find(({ path }) => path === "jobs/cancel")?.json).toEqual({
      ids: ["00000000-running1", "00000000-queued01"],
    });
    expect(screen.queryByText(/chosen$/)).toBeNull();
  });

  test("of a filter asks with the project's count, stops when told to, and goes on from there", async () => {
    let calls = 0;
    const first = later<Answered>();
    const asked = show({
      address: "/jobs?status=Failed",
      change: () => (++calls === 1 ? first.promise : { body: { outcomes: [{ id: "b", outcome: "queued" }] } }),
    });
    fireEvent.click(await screen.findByRole("button", { name: "Retry all that match …" }));
    fireEvent.click(await screen.findByRole("button", { name: "Retry 7 jobs" }));
    fireEvent.click(await screen.findByRole("button", { name: "Stop" }));
    first.resolve({ body: { outcomes: [{ id: "a", outcome: "queued" }], next: "c1" } });
    expect(await screen.findByText(/Stopped: the others are as they were/)).toBeTruthy();
    expect(screen.getByText("1 queued again.")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Go on" }));
    expect(await screen.findByText("2 queued again.")).toBeTruthy();
    expect(asked.filter(({ path }) => path === "jobs/retry").map(({ json }) => json)).toEqual([
      { filter: { projectId: "demo", status: "Failed" }, limit: 200 },
      { filter: { projectId: "demo", status: "Failed" }, limit: 200, cursor: "c1" },
    ]);
  });

  test("is not offered for a status that cannot be changed so", async () => {
    show({ address: "/jobs?status=Completed" });
    const button = await screen.findByRole<HTMLButtonElement>("button", { name: "Cancel all that match …" });
    expect(button.disabled).toBe(true);
  });

  test("that meets a problem tells it, keeps what was done, and can go on", async () => {
    let calls = 0;
    show({
      change: () => {
        calls++;
        if (calls === 2) return { status: 503, body: { code: "unavailable", detail: "Try again in a moment." } };
        return { body: { outcomes: [{ id: `x${calls}`, outcome: "cancelled" }], ...(calls < 3 ? { next: "c" } : {}) } };
      },
    });
    fireEvent.click(await screen.findByRole("button", { name: "Cancel all …" }));
    fireEvent.click(await screen.findByRole("button", { name: "Cancel 2 jobs" }));
    expect(await screen.findByText(/Try again in a moment\./)).toBeTruthy();
    expect(screen.getByText("1 cancelled.")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Go on" }));
    expect(await screen.findByText("2 cancelled.")).toBeTruthy();
  });
});
