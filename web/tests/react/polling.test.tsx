import { describe, expect, inject, it, vi } from "vitest";
import { version } from "react";

import { JobmillError } from "../../src/client/index.js";

import { completed, stubApi, failed, JOB, job, later, notModified, processing, refusal } from "../client/fake-api.js";
import { MINUTE, pass, pollingPage } from "./polling-page.js";

it("runs on the React of its project", () => {
  expect(Number.parseInt(version, 10)).toBe(inject("reactMajor"));
});

describe("A7 polling", () => {
  it("is idle and asks nothing without a job", async () => {
    const api = stubApi();
    for (const jobId of [null, undefined, ""]) {
      const page = await pollingPage({ jobId });
      await pass(10 * MINUTE);
      expect(page.polling).toMatchObject({ status: "idle", progress: 0, result: null, error: null, trouble: null });
      page.unmount();
    }
    expect(api.count).toBe(0);
  });

  it("looks at once, and shows the progress", async () => {
    const api = stubApi(job(processing(40)));
    const page = await pollingPage();
    expect(api.last).toMatchObject({ url: `/api/v1/analysis/job/${JOB}`, method: "GET" });
    expect(page.polling).toMatchObject({ status: "processing", progress: 40, error: null, trouble: null });
  });

  it("is processing, at 0, before the first answer", async () => {
    const answer = later(job(processing(40)));
    stubApi(answer.reply);
    const page = await pollingPage();
    expect(page.polling).toMatchObject({ status: "processing", progress: 0 });
    answer.arrive();
    await pass(0);
    expect(page.polling.progress).toBe(40);
  });

  it("looks again each minute, counted from the answer", async () => {
    const slow = later(job(processing(10)));
    const api = stubApi(slow.reply, job(processing(20)), job(processing(30)));
    const page = await pollingPage();
    await pass(5_000);
    slow.arrive();
    await pass(MINUTE - 1);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
    await pass(MINUTE);
    expect([api.count, page.polling.progress]).toEqual([3, 30]);
  });

  it("looks as often as the interval says, but at most each second", async () => {
    const api = stubApi(job(processing(10)));
    const page = await pollingPage({ interval: 5_000 });
    await pass(20_000);
    expect(api.count).toBe(1 + 4);
    for (const interval of [0, -5, Number.NaN]) {
      await page.change({ interval });
      const before = api.count;
      await pass(10_000);
      expect(api.count - before).toBe(10);
    }
  });

  it("counts a new interval from the last answer", async () => {
    const api = stubApi(job(processing(10)));
    const page = await pollingPage({ interval: MINUTE });
    await pass(20_000);
    await page.change({ interval: 30_000 });
    expect(api.count).toBe(1);
    await pass(10_000);
    expect(api.count).toBe(2);
    await page.change({ interval: MINUTE });
    await pass(MINUTE - 1);
    expect(api.count).toBe(2);
  });

  it("stops when the job is completed, and tells its result", async () => {
    const api = stubApi(job(processing(90)), job(completed()));
    const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
    const page = await pollingPage({ onCompleted, onFailed });
    await pass(MINUTE);
    expect(page.polling).toMatchObject({ status: "completed", progress: 100, result: completed(), error: null });
    await pass(60 * MINUTE);
    expect(api.count).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
    expect(onCompleted.mock.calls).toEqual([[completed()]]);
    expect(onFailed).not.toHaveBeenCalled();
  });

  it("stops when the job failed, and tells its error", async () => {
    const api = stubApi(job(processing(55)), job(failed()));
    const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
    const page = await pollingPage({ onCompleted, onFailed });
    await pass(60 * MINUTE);
    expect(page.polling).toMatchObject({ status: "failed", progress: 55, error: failed().error, result: null });
    expect(api.count).toBe(2);
    expect(onFailed.mock.calls).toEqual([[failed().error]]);
    expect(onCompleted).not.toHaveBeenCalled();
  });

  it.each([
    [400, "invalid-request"],
    [401, "not-signed-in"],
    [403, "read-only"],
    [404, "job-not-found"],
    [410, "job-gone"],
    [422, "unknown"],
  ])("takes a %i for an end, and says why", async (status, code) => {
    const api = stubApi(refusal(status, code));
    const onFailed = vi.fn();
    const page = await pollingPage({ onFailed });
    await pass(60 * MINUTE);
    expect(page.polling).toMatchObject({ status: "failed", error: { code, status, detail: `The API says ${code}.` } });
    expect(page.polling.error).toBeInstanceOf(JobmillError);
    expect(api.count).toBe(1);
    expect(onFailed.mock.calls).toEqual([[page.polling.error]]);
  });

  it("looks again after a refusal when it is told to, and tells the end that there is then", async () => {
    const api = stubApi(refusal(401, "not-signed-in"));
    const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
    const page = await pollingPage({ onCompleted, onFailed });
    page.polling.lookNow();
    await pass(0);
    expect([api.count, onFailed.mock.calls.length]).toEqual([2, 2]);
    api.reply(job(completed()));
    page.polling.lookNow();
    await pass(0);
    expect(page.polling.status).toBe("completed");
    expect(onCompleted).toHaveBeenCalledTimes(1);
    page.polling.lookNow();
    await pass(MINUTE);
    expect(api.count).toBe(3);
  });

  it("does not look at a job that failed again, told to or not", async () => {
    const api = stubApi(job(failed()));
    const page = await pollingPage();
    page.polling.lookNow();
    await pass(MINUTE);
    expect([api.count, page.polling.status]).toEqual([1, "failed"]);
  });

  it("looks at once when it is told to, once at a time", async () => {
    const answer = later(job(processing(60)));
    const api = stubApi(job(processing(10)), answer.reply, job(processing(70)));
    const page = await pollingPage();
    page.polling.lookNow();
    page.polling.lookNow();
    await pass(2_000);
    expect(api.count).toBe(2);
    answer.arrive();
    await pass(MINUTE - 1);
    expect([api.count, page.polling.progress]).toEqual([2, 60]);
    await pass(1);
    expect(api.count).toBe(3);
  });

  it("asks by ETag, and does not render for an unchanged answer", async () => {
    const api = stubApi(job(processing(40), { ETag: '"a"' }), notModified(), job(processing(50)), notModified());
    const page = await pollingPage();
    expect(api.last.headers.has("If-None-Match")).toBe(false);
    const renders = page.renders.length;
    await pass(MINUTE);
    expect(api.last.headers.get("If-None-Match")).toBe('"a"');
    expect(page.renders.length).toBe(renders);
    await pass(MINUTE);
    expect(api.last.headers.get("If-None-Match")).toBe('"a"');
    expect(page.polling.progress).toBe(50);
    await pass(MINUTE);
    expect(api.last.headers.has("If-None-Match")).toBe(false);
  });
});
