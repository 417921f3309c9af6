import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { JobView } from "../../src/dashboard/api/views.js";
import { closePage, JOB, openPage, patient, Refused, type Answers } from "./page.js";

afterEach(closePage);

const REPORT = {
  name: "errors.xlsx",
  contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  sizeBytes: 8_100,
  sha256: "0",
  expiresAt: "2999-01-01T00:00:00.000Z",
  url: "/api/jobs/j1/reports/errors.xlsx",
};
const FAILED: JobView = {
  ...JOB,
  status: "Failed",
  error: "8 rows are bad.",
  errorCode: "rows-rejected",
  errorKind: "input",
  retryable: false,
};
const person = (role: string) => ({
  id: "p",
  name: "P",
  isAdmin: false,
  projects: [{ id: "demo", name: "Demo", role }],
});
const SCHEMA = { properties: { uploadId: { type: "string" }, dataset: { type: "string" }, sheet: { type: "string" } } };

function open(job: unknown, more: Answers = {}, queries = patient()) {
  const answers = {
    "GET api/me": person("writer"),
    "GET api/job-types": [{ type: "Import", description: "Reads.", schema: SCHEMA }],
    "GET api/jobs/j1": job,
    "GET api/jobs/j1/attempts": [
      { number: 1, run: 1, startedAt: JOB.startedAt, endedAt: JOB.completedAt, outcome: "completed" },
    ],
    "GET api/jobs/j1/events": [{ type: "created", at: JOB.createdAt, run: 1, by: "Pat" }],
    ...more,
  };
  return openPage("#/jobs/j1", answers, queries);
}
const button = (name: string | RegExp) => screen.findByRole("button", { name });
const noButton = (name: string | RegExp) => expect(screen.queryByRole("button", { name })).toBeNull();

test.each([
  [404, "job-not-found", "There is no such job.", "Job not found"],
  [410, "job-gone", "This job was deleted.", "Job gone"],
])("an answer of %d has a page of its own", async (status, code, detail, title) => {
  open(new Refused(status, { code, detail }));
  expect(await screen.findByRole("heading", { name: title })).toBeTruthy();
  expect(screen.getByText(detail)).toBeTruthy();
});

test("a failed job says why, what to do, and is retried with parameters that are edited", async () => {
  const asked = open(FAILED, { "POST api/jobs/j1/retry": { ...JOB, status: "Queued" } });
  const why = within(await screen.findByRole("region", { name: "Why it failed" }));
  expect(why.getByText("8 rows are bad.")).toBeTruthy();
  expect(why.getByText(/Correct the file and send it again/)).toBeTruthy();
  noButton("Cancel job");
  fireEvent.click(await button("Retry with edited parameters"));
  const form = within(await screen.findByRole("form", { name: "Retry with edited parameters" }));
  fireEvent.change(form.getByLabelText("Sheet"), { target: { value: "Second" } });
  fireEvent.click(form.getByRole("button", { name: "Retry with these parameters" }));
  await waitFor(() => expect(asked.some(({ method }) => method === "POST")).toBe(true));
  expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
    params: { uploadId: "u1", dataset: "orders", sheet: "Second" },
  });
});

test("readers see all, have no buttons that change it, and are told why", async () => {
  open(FAILED, { "GET api/me": person("reader") });
  expect(await screen.findByText(/You may read this project/)).toBeTruthy();
  noButton(/Retry|Cancel|curl/);
});

test("a job under way shows its progress and why it is not done, and may be cancelled", async () => {
  open({ ...JOB, status: "Queued", progress: 0, completedAt: undefined, startedAt: undefined });
  expect(await screen.findByRole("progressbar", { name: "Import job" })).toHaveProperty("value", 0);
  expect(await screen.findByText(/no worker has taken it yet/)).toBeTruthy();
  expect(await button("Cancel job")).toBeTruthy();
  noButton("Retry");
});

test("rows that were not taken are told one by one, and how they come back", async () => {
  const firstErrors = [{ row: 3, field: "price", code: "type-error", message: "No number." }];
  open({ ...JOB, reports: [REPORT], result: { recordsProcessed: 1200, errors: 1, firstErrors } });
  const errors = within(await screen.findByRole("region", { name: "1 row was not taken" }));
  expect(errors.getByRole("row", { name: "3 price No number. type-error" })).toBeTruthy();
  expect(errors.getByRole("link", { name: "Send corrected rows" }).getAttribute("href")).toBe(
    "#/new?type=Import&project=demo&continues=j1",
  );
  expect(screen.getByRole("row", { name: "Records processed 1,200" })).toBeTruthy();
});

test("a report is previewed in the page; one of another kind says that it cannot be", async () => {
  const path = "GET api/jobs/j1/reports/errors.xlsx/preview";
  open({ ...JOB, reports: [REPORT] }, { [path]: { columns: ["a", "b"], rows: [["x", 1]], more: true } });
  fireEvent.click(await button("Preview errors.xlsx"));
  expect(await screen.findByText(/The first row; the file has more/)).toBeTruthy();
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Preview of errors.xlsx"));
  closePage();
  open({ ...JOB, reports: [REPORT] }, { [path]: new Refused(415, { code: "no-preview", detail: "Download it." }) });
  fireEvent.click(await button("Preview errors.xlsx"));
  expect(await screen.findByText("There is no preview of files of this kind.")).toBeTruthy();
});

test("what is copied is told to be", async () => {
  const writeText = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator), { clipboard: { writeText } }));
  open(JOB);
  fireEvent.click(await button("Copy as curl"));
  expect(await screen.findByText("Copied")).toBeTruthy();
  expect(writeText.mock.calls[0]?.[0]).toContain('"dataset":"orders"');
});

test("a job at work is looked at again and again, however often its progress is told", async () => {
  vi.useFakeTimers();
  const queries = patient();
  const running: JobView = { ...JOB, status: "Running", progress: 10, progressMessage: "Reading" };
  const asked = open(running, {}, queries);
  await vi.advanceTimersByTimeAsync(500);
  for (let second = 0; second < 13; second++) {
    queries.setQueryData<JobView>(["job", "j1"], (job) => job && { ...job, progress: job.progress + 1 });
    await vi.advanceTimersByTimeAsync(1_000);
  }
  vi.useRealTimers();
  expect(asked.filter(({ path }) => path === "api/jobs/j1").length).toBeGreaterThanOrEqual(4);
});
