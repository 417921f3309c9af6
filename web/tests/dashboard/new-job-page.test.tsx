import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeRequest } from "./fake-request.js";
import { closePage, JOB, openPage, Refused, type Answers } from "./page.js";

const TYPES = [
  {
    type: "Export",
    description: "Writes rows.",
    schema: { properties: { dataset: { type: "string" }, format: { enum: ["csv"] } }, required: ["dataset"] },
  },
  {
    type: "Import",
    description: "Reads rows.",
    schema: {
      properties: {
        uploadId: { type: "string" },
        dataset: { anyOf: [{ type: "string" }, { type: "null" }] },
        continues: { type: "string" },
        maxErrors: { type: "integer" },
      },
      required: ["uploadId"],
    },
  },
];
const me = (role: string) => ({ id: "p", name: "P", isAdmin: false, projects: [{ id: "demo", name: "Demo", role }] });
const UPLOAD = { uploadId: "u1", url: "https://s3.example.com/", fields: { key: "k" }, expiresAt: "" };
const ANSWERS: Answers = {
  "GET api/me": me("writer"),
  "GET api/job-types": TYPES,
  "GET api/projects/demo/datasets": [{ name: "orders" }],
  "POST api/uploads": UPLOAD,
  "GET api/jobs/j1": JOB,
  "GET api/jobs/j2": JOB,
};

const INVALID = new Refused(400, {
  code: "invalid-request",
  detail: "The request is not valid.",
  errors: [{ field: "params.maxErrors", message: "Input should be less than 100" }],
});

beforeEach(() => {
  FakeRequest.sent = [];
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});

afterEach(closePage);

const file = (label = "File") => screen.findByLabelText(label);
const choose = (input: HTMLElement, name: string) =>
  fireEvent.change(input, { target: { files: [new File(["a"], name)] } });
const click = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const uploads = () => FakeRequest.sent.length;
async function finishUpload(count = 1) {
  await waitFor(() => expect(uploads()).toBe(count));
  FakeRequest.sent.at(-1)?.answer(204);
}
const value = (label: string) => (screen.getByLabelText(label) as HTMLInputElement).value;

test("an import is its file and its dataset: uploaded first, then submitted, then shown", async () => {
  const asked = openPage("#/new?project=demo", { ...ANSWERS, "POST api/jobs": JOB });
  choose(await file(), "Orders 2024.csv");
  expect(value("Dataset")).toBe("Orders-2024");
  click("Upload and start job");
  await finishUpload();
  await waitFor(() => expect(window.location.hash).toBe("#/jobs/j1"));
  const submit = asked.find(({ method, path }) => method === "POST" && path === "api/jobs");
  expect(submit?.body).toEqual({
    type: "Import",
    projectId: "demo",
    params: { dataset: "Orders-2024", uploadId: "u1" },
  });
  expect(submit?.headers.get("Idempotency-Key")).toMatch(/.{16}/);
});

test("what the API refuses stands at its field, has the focus, and costs no second upload", async () => {
  let refusals = 0;
  const answer = () => (refusals++ === 0 ? INVALID : JOB);
  const asked = openPage("#/new?project=demo", { ...ANSWERS, "POST api/jobs": answer });
  choose(await file(), "a.csv");
  fireEvent.change(screen.getByLabelText("Max errors"), { target: { value: "500" } });
  click("Upload and start job");
  await finishUpload();
  expect(await screen.findByText("Input should be less than 100")).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Max errors")));
  fireEvent.change(screen.getByLabelText("Max errors"), { target: { value: "50" } });
  click("Upload and start job");
  await waitFor(() => expect(window.location.hash).toBe("#/jobs/j1"));
  expect(uploads()).toBe(1);
  const keys = asked.filter(({ path }) => path === "api/jobs").map(({ headers }) => headers.get("Idempotency-Key"));
  expect(new Set(keys).size).toBe(2);
});

test("a submit that was not answered is repeated under the same key", async () => {
  const asked = openPage("#/new?project=demo&type=Export", { ...ANSWERS, "POST api/jobs": new Refused(503, {}) });
  fireEvent.change(await screen.findByLabelText("Dataset"), { target: { value: "orders" } });
  click("Start job");
  await screen.findByRole("alert");
  click("Start job");
  const posts = () => asked.filter(({ method }) => method === "POST");
  await waitFor(() => expect(posts()).toHaveLength(2));
  expect(new Set(posts().map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  expect(posts()[0]?.body).toEqual({ type: "Export", projectId: "demo", params: { dataset: "orders" } });
});

test("nothing is sent while something is missing; the first of it has the focus", async () => {
  const asked = openPage("#/new?project=demo", ANSWERS);
  const input = await file();
  click("Upload and start job");
  expect(await screen.findByText("Choose the file first.")).toBeTruthy();
  expect(screen.getByText("Give a value.")).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(input));
  expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
});

test("an upload is cancelled, told so, and the file is still chosen", async () => {
  openPage("#/new?project=demo", ANSWERS);
  choose(await file(), "a.csv");
  click("Upload and start job");
  await waitFor(() => expect(uploads()).toBe(1));
  FakeRequest.sent[0]?.goOn(50, 100);
  expect(await screen.findByRole("progressbar", { name: "Upload" })).toHaveProperty("value", 50);
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  expect(leaving.defaultPrevented).toBe(true);
  click("Cancel upload");
  expect(await screen.findByText(/upload was cancelled/)).toBeTruthy();
  expect(screen.getByText("a.csv")).toBeTruthy();
});

test("a file that is too large is told of before anything is sent", async () => {
  const detail = "A file may have at most 1 GB.";
  openPage("#/new?project=demo", {
    ...ANSWERS,
    "POST api/uploads": new Refused(413, { code: "upload-too-large", detail }),
  });
  choose(await file(), "a.csv");
  click("Upload and start job");
  expect((await screen.findByRole("alert")).textContent).toContain(detail);
  expect(uploads()).toBe(0);
});

test("the file and the dataset stay when the type changes", async () => {
  openPage("#/new?project=demo", ANSWERS);
  choose(await file(), "a.csv");
  fireEvent.click(screen.getByRole("radio", { name: "Export" }));
  await waitFor(() => expect(screen.queryByLabelText("File")).toBeNull());
  expect(value("Dataset")).toBe("a");
  fireEvent.click(screen.getByRole("radio", { name: "Import" }));
  expect(await screen.findByText("a.csv")).toBeTruthy();
});

test("parameters are edited as JSON and come back as fields; what is no JSON is told", async () => {
  openPage("#/new?project=demo&type=Export", ANSWERS);
  fireEvent.change(await screen.findByLabelText("Dataset"), { target: { value: "orders" } });
  click("Edit as JSON");
  expect(JSON.parse(value("Parameters as JSON"))).toEqual({ dataset: "orders" });
  fireEvent.change(screen.getByLabelText("Parameters as JSON"), { target: { value: "{" } });
  click("Edit by fields");
  expect(screen.getByText(/not valid JSON/)).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Parameters as JSON"), { target: { value: '{"dataset":"other"}' } });
  click("Edit by fields");
  expect(value("Dataset")).toBe("other");
});

test("corrected rows need their file alone", async () => {
  const asked = openPage("#/new?continues=j1", { ...ANSWERS, "POST api/jobs": { ...JOB, id: "j2" } });
  choose(await file("Corrected errors.xlsx"), "errors.xlsx");
  click("Upload and send back");
  await finishUpload();
  await waitFor(() => expect(window.location.hash).toBe("#/jobs/j2"));
  const submit = asked.find(({ method, path }) => method === "POST" && path === "api/jobs");
  expect(submit?.body).toEqual({ type: "Import", projectId: "demo", params: { continues: "j1", uploadId: "u1" } });
});

test("readers are told that they may only read", async () => {
  openPage("#/new", { ...ANSWERS, "GET api/me": me("reader") });
  expect(await screen.findByText("You may only read your projects.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /job/ })).toBeNull();
});
