import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { analyzeFile, checkJobStatus, configure, JobmillClient, JobmillError } from "../../src/client/index.js";
import {
  completed,
  stubApi,
  failed,
  JOB,
  job,
  json,
  later,
  noAnswer,
  noNetwork,
  processing,
  refusal,
} from "./fake-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  configure({});
});

describe("A8 checkJobStatus", () => {
  it("gives each of the three answers as it is", async () => {
    for (const state of [processing(0), completed(), failed()]) {
      const api = stubApi(job(state));
      expect(await checkJobStatus(JOB)).toEqual(state);
      expect(api.last).toMatchObject({ url: `/api/v1/analysis/job/${JOB}`, method: "GET" });
    }
  });

  it("asks for any text, and for nothing else than a job", async () => {
    const api = stubApi(refusal(404, "job-not-found"));
    await expect(checkJobStatus("../stats?a=b#c")).rejects.toMatchObject({ code: "job-not-found" });
    expect(api.last.url).toBe("/api/v1/analysis/job/..%2Fstats%3Fa%3Db%23c");
  });

  it("throws a problem document as an error with its code, status and detail", async () => {
    const body = {
      title: "Bad",
      status: 400,
      code: "invalid-request",
      detail: "No.",
      errors: [{ field: "a", message: "b" }, 3],
    };
    stubApi(json(body, { status: 400, headers: { "Retry-After": "7" } }));
    const error = await checkJobStatus(JOB).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobmillError);
    expect(error).toMatchObject({
      name: "JobmillError",
      message: "No.",
      detail: "No.",
      code: "invalid-request",
      status: 400,
      errors: [{ field: "a", message: "b" }],
      retryAfterMs: 7_000,
      isTemporary: false,
    });
  });

  it.each([
    [401, { message: "Unauthorized" }, "unauthorized", "Unauthorized"],
    [429, { message: "Too Many Requests" }, "too-many-requests", "Too Many Requests"],
    [502, "<html>", "http-502", "The API answered with status 502."],
    [404, null, "not-found", "The API answered with status 404."],
  ])("throws the gateway's own %i", async (status, body, code, detail) => {
    stubApi(json(body, { status }));
    await expect(checkJobStatus(JOB)).rejects.toMatchObject({ code, status, detail });
  });

  it("throws `unreachable`, with its cause, when there is no answer", async () => {
    stubApi(noNetwork);
    const error = await checkJobStatus(JOB).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unreachable", status: null, isTemporary: true });
    expect(error).toHaveProperty("cause", new TypeError("Failed to fetch"));
  });

  it("leaves nothing on a signal that outlives the request", async () => {
    stubApi(job(processing(1)));
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    await checkJobStatus(JOB, { signal });
    expect(added).toHaveBeenCalled();
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });

  it("ends with the caller's signal, before and during the request", async () => {
    const api = stubApi(noAnswer);
    await expect(checkJobStatus(JOB, { signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
    expect(api.count).toBe(0);
    const leaving = new AbortController();
    const answer = checkJobStatus(JOB, { signal: leaving.signal }).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(10);
    leaving.abort("left");
    expect(await answer).toBe("left");
    expect(api.last.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("A1 analyzeFile", () => {
  const started = { success: true, jobId: JOB, status: "processing", message: "Analysis started." };
  const file = new File(["url,title\n"], "crawl é.csv", { type: "text/csv" });

  it("posts the form of the seed, and gives the answer", async () => {
    const api = stubApi(json(started, { status: 202 }));
    const answer = await analyzeFile(file, { filterOption: "recommended", projectId: "demo", idempotencyKey: "k" });
    expect(answer).toEqual(started);
    expect(api.last).toMatchObject({ url: "/api/v1/analysis/analyze-file", method: "POST" });
    expect(api.last.headers.get("Idempotency-Key")).toBe("k");
    // The browser writes it, with the boundary of the form
    expect(api.last.headers.has("Content-Type")).toBe(false);
    const form = api.last.body as FormData;
    expect(new Set(form.keys())).toEqual(new Set(["file", "filterOption", "projectId"]));
    expect(form.get("filterOption")).toBe("recommended");
    expect(form.get("projectId")).toBe("demo");
    expect((form.get("file") as File).name).toBe("crawl é.csv");
  });

  it("analyses all, in the caller's only project, if not told otherwise", async () => {
    const api = stubApi(json(started, { status: 202 }));
    await analyzeFile(file);
    const form = api.last.body as FormData;
    expect([form.get("filterOption"), form.has("projectId")]).toEqual(["all", false]);
    expect(api.last.headers.has("Idempotency-Key")).toBe(false);
  });

  it("has as long as the upload takes", async () => {
    const answer = later(json(started, { status: 202 }));
    stubApi(answer.reply);
    const result = analyzeFile(file);
    await vi.advanceTimersByTimeAsync(3_600_000);
    answer.arrive();
    expect(await result).toEqual(started);
  });

  it("throws what the API refuses, and an answer that is none", async () => {
    const api = stubApi(refusal(413, "body-too-large"));
    await expect(analyzeFile(file)).rejects.toMatchObject({ code: "body-too-large", status: 413 });
    api.reply(json({ hello: "world" }));
    await expect(analyzeFile(file)).rejects.toMatchObject({ code: "unreadable-answer" });
  });
});

describe("A8 settings", () => {
  it("say where the API is, with or without a slash", async () => {
    const api = stubApi(job(processing(1)));
    for (const baseUrl of ["https://api.example.com/v", "https://api.example.com/v/"]) {
      configure({ baseUrl });
      await checkJobStatus(JOB);
      expect(api.last.url).toBe(`https://api.example.com/v/api/v1/analysis/job/${JOB}`);
    }
  });

  it.each([
    ["text", "abc"],
    ["text with white space around it", " abc\n"],
    ["function", () => "abc"],
    ["promise", async () => "abc"],
  ])("take a token as a %s", async (_, token) => {
    const api = stubApi(job(processing(1)));
    await new JobmillClient({ token }).checkJobStatus(JOB);
    expect(api.last.headers.get("Authorization")).toBe("Bearer abc");
  });

  it("ask for the token at each request, for it grows old", async () => {
    const api = stubApi(job(processing(1)));
    const token = vi.fn<() => string>().mockReturnValueOnce("one").mockReturnValueOnce("two");
    const client = new JobmillClient({ token });
    await client.checkJobStatus(JOB);
    await client.checkJobStatus(JOB);
    expect(api.requests.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer one", "Bearer two"]);
  });

  it.each([null, undefined, "", () => null])("send no header without a token (%s)", async (token) => {
    const api = stubApi(job(processing(1)));
    await new JobmillClient({ token }).checkJobStatus(JOB);
    expect(api.last.headers.has("Authorization")).toBe(false);
  });
});
