import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { CountsView, SummaryView } from "../../src/dashboard/api/views.js";
import { OverviewPage } from "../../src/dashboard/pages/overview/overview-page.js";
import { fakeApi } from "./fake-api.js";
import { showPage, WRITER } from "./show-page.js";

afterEach(cleanup);

const COUNTS: CountsView = { total: 1_262, queued: 11, running: 1, completed: 1_234, failed: 9, cancelled: 7 };
const NONE: CountsView = { total: 0, queued: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
const JOB: SummaryView = {
  id: "00000000-running1",
  type: "Import",
  projectId: "demo",
  projectName: "Demo",
  status: "Running",
  progress: 40,
  createdAt: "2026-01-15T10:00:00.000Z",
  createdBy: "p",
  createdByName: "P",
};
const QUEUED = Array.from({ length: 10 }, (_, index) => ({ ...JOB, id: `queued-${index}`, status: "Queued" as const }));

function show({ counts = COUNTS, waitingMs = 16 * 60_000 } = {}) {
  fakeApi(({ path, query }) => {
    if (path === "me") return { body: WRITER };
    if (path === "jobs/projects/demo/stats") return { body: counts };
    if (path === "jobs/projects/demo/activity") {
      const hour = { startsAt: "2026-01-15T10:00:00.000Z", completed: 3, failed: 1, cancelled: 0 };
      return { body: { hours: [hour], oldestQueuedAt: new Date(Date.now() - waitingMs).toISOString() } };
    }
    const listed = counts.total === 0 ? {} : { Running: [JOB], Queued: QUEUED };
    return { body: listed[query["status"] as keyof typeof listed] ?? [] };
  });
  showPage("/", "/", OverviewPage);
}

describe("the overview", () => {
  test("has the API's counts of a project, each leading to its jobs", async () => {
    show();
    const card = within(await screen.findByRole("article", { name: "Project Demo" }));
    const completed = await card.findByRole("link", { name: "1,234 completed" });
    expect(completed.getAttribute("href")).toBe("#/jobs?project=demo&status=Completed");
    for (const name of ["11 queued", "1 running", "9 failed", "7 cancelled"]) {
      expect(card.getByRole("link", { name })).toBeTruthy();
    }
  });

  test("warns of jobs that wait for more than 15 minutes", async () => {
    show();
    expect((await screen.findByText("Oldest waiting: 16 min")).className).toBe("long-wait");
    cleanup();
    show({ waitingMs: 3 * 60_000 });
    expect((await screen.findByText("Oldest waiting: 3 min")).className).toBe("");
  });

  test("tells the last day by its chart's name, and has ten active jobs, the running ones first", async () => {
    show();
    expect(await screen.findByRole("img", { name: /^Last 24 hours: 3 completed, 1 failed \(25 %\)/ })).toBeTruthy();
    const active = within(screen.getByRole("region", { name: "Active" }));
    expect(await active.findByRole("progressbar", { name: "Progress of Import job running1" })).toBeTruthy();
    const lines = active.getAllByRole("listitem");
    expect(lines).toHaveLength(10);
    expect(lines[0]?.textContent).toContain("running1");
  });

  test("leads to the first job where there was none", async () => {
    show({ counts: NONE });
    const link = await screen.findByRole("link", { name: "Submit the first job" });
    expect(link.getAttribute("href")).toBe("#/new");
  });
});
