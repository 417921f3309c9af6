import { renderHook } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";

import type { Sighting } from "../../src/client/index.js";
import { useJobPolling } from "../../src/client/react.js";
import { completed, failed, JOB, job, later, OTHER_JOB, processing, refusal, stubApi } from "../client/fake-api.js";
import { MINUTE, pass, pollingPage } from "./polling-page.js";

describe("A7 the job id", () => {
  it("of another job: the late answer of the one before is ignored", async () => {
    const late = later(job(completed(JOB)));
    const api = stubApi(late.reply, job(processing(30, OTHER_JOB)));
    const onCompleted = vi.fn();
    const page = await pollingPage({ jobId: JOB, onCompleted });
    const first = api.last;
    await page.change({ jobId: OTHER_JOB, onCompleted });
    expect(first.signal.aborted).toBe(true);
    expect(api.last.url).toContain(OTHER_JOB);
    late.arrive();
    await pass(0);
    expect(page.polling).toMatchObject({ status: "processing", progress: 30 });
    expect(onCompleted).not.toHaveBeenCalled();
    await pass(MINUTE);
    expect(api.requests.filter(({ url }) => url.includes(JOB)).length).toBe(1);
  });

  it("of another job: so is an answer that could not be ended", async () => {
    const arrival = later(job(completed(JOB)));
    const client = {
      lookAtJob: async (jobId: string): Promise<Sighting> => {
        await arrival.reply({} as never);
        return { job: completed(jobId), etag: null, retryAfterMs: null };
      },
    };
    const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
    const page = await pollingPage({ client, onCompleted, onFailed });
    stubApi(job(processing(30, OTHER_JOB)));
    await page.change({ jobId: OTHER_JOB, onCompleted, onFailed });
    arrival.arrive();
    await pass(0);
    expect(page.polling).toMatchObject({ status: "processing", progress: 30 });
    expect([...onCompleted.mock.calls, ...onFailed.mock.calls]).toEqual([]);
  });

  it("of another job: what was known of the one before is not shown for it", async () => {
    const api = stubApi(job(completed(JOB)), later(job(processing(30, OTHER_JOB))).reply);
    const page = await pollingPage({ jobId: JOB });
    expect(page.polling.status).toBe("completed");
    const before = page.renders.length;
    await page.change({ jobId: OTHER_JOB });
    for (const render of page.renders.slice(before))
      expect(render).toMatchObject({ status: "processing", progress: 0 });
    expect(api.last.headers.has("If-None-Match")).toBe(false);
  });

  it("of another job: the interval is the same", async () => {
    const api = stubApi(job(processing(10)));
    const page = await pollingPage({ jobId: JOB, interval: 5_000 });
    await page.change({ jobId: OTHER_JOB, interval: 5_000 });
    await pass(10_000);
    expect(api.requests.filter(({ url }) => url.includes(OTHER_JOB)).length).toBe(3);
  });

  it("taken away after a refusal: lookNow has nothing to look at", async () => {
    const api = stubApi(refusal(401, "not-signed-in"));
    const page = await pollingPage();
    await page.change({ jobId: null });
    const renders = page.renders.length;
    page.polling.lookNow();
    await pass(MINUTE);
    expect([api.count, page.renders.length - renders]).toEqual([1, 0]);
  });

  it("taken away in a callback: idle, as the seed advises", async () => {
    const api = stubApi(job(completed()));
    const onCompleted = vi.fn();
    const { result } = renderHook(() => {
      const [jobId, setJobId] = useState<string | null>(JOB);
      const leave = () => {
        onCompleted();
        setJobId(null);
      };
      return useJobPolling({ jobId, onCompleted: leave });
    });
    await pass(60 * MINUTE);
    expect(result.current.status).toBe("idle");
    expect([api.count, onCompleted.mock.calls.length]).toEqual([1, 1]);
  });

  it("taken away while the job is under way: nothing is asked any more", async () => {
    const api = stubApi(job(processing(30)));
    const page = await pollingPage();
    await page.change({ jobId: null });
    await pass(60 * MINUTE);
    expect([page.polling.status, page.polling.progress, api.count]).toEqual(["idle", 0, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("A7 leaving the page", () => {
  it("ends the request that is under way", async () => {
    const late = later(job(completed()));
    const api = stubApi(late.reply);
    const onCompleted = vi.fn();
    const page = await pollingPage({ onCompleted });
    expect(api.last.signal.aborted).toBe(false);
    page.unmount();
    expect(api.last.signal.aborted).toBe(true);
    late.arrive();
    await pass(60 * MINUTE);
    expect([api.count, onCompleted.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });

  it("leaves no timer behind, and does not look when it is told to", async () => {
    const api = stubApi(job(processing(30)));
    const page = await pollingPage();
    page.unmount();
    page.polling.lookNow();
    await pass(60 * MINUTE);
    expect([api.count, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("leaves no listener behind", async () => {
    stubApi(job(processing(30)));
    const listeners = [
      [vi.spyOn(document, "addEventListener"), vi.spyOn(document, "removeEventListener"), "visibilitychange"],
      [vi.spyOn(window, "addEventListener"), vi.spyOn(window, "removeEventListener"), "online"],
    ] as const;
    const page = await pollingPage();
    page.unmount();
    for (const [added, removed, name] of listeners) {
      const ours = added.mock.calls.find(([type]) => type === name);
      expect(removed.mock.calls).toContainEqual(ours);
    }
  });
});

describe("A7 callbacks", () => {
  it("are called once, and the request is made once, where effects run twice", async () => {
    const api = stubApi(job(completed()));
    const onCompleted = vi.fn();
    const page = await pollingPage({ onCompleted }, { isStrict: true });
    await pass(60 * MINUTE);
    expect(page.polling.status).toBe("completed");
    expect([api.count, onCompleted.mock.calls.length]).toEqual([1, 1]);
  });

  it("are those of the last render, called once however often it renders", async () => {
    const answer = later(job(completed()));
    const api = stubApi(answer.reply);
    const callbacks = [vi.fn(), vi.fn(), vi.fn()];
    const [first, second, third] = callbacks;
    const page = await pollingPage({ onCompleted: first });
    await page.change({ onCompleted: second });
    answer.arrive();
    await pass(0);
    await page.change({ onCompleted: third });
    await page.change({ onCompleted: third, interval: 1_000 });
    await pass(60 * MINUTE);
    expect(callbacks.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0]);
    expect(api.count).toBe(1);
  });

  it("are not called again when the same job is looked at again", async () => {
    const ends = [completed(JOB), failed(JOB)];
    for (const end of ends) {
      const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
      stubApi(job(end), job(processing(10, OTHER_JOB)), job(end));
      const page = await pollingPage({ jobId: JOB, onCompleted, onFailed });
      page.polling.lookNow();
      await page.change({ jobId: OTHER_JOB, onCompleted, onFailed });
      await page.change({ jobId: JOB, onCompleted, onFailed });
      expect(page.polling.status).toBe(end.status);
      expect(onCompleted.mock.calls.length + onFailed.mock.calls.length).toBe(1);
      page.unmount();
    }
  });

  it("are called for each of several jobs", async () => {
    stubApi(job(completed(JOB)), job(completed(OTHER_JOB)));
    const onCompleted = vi.fn();
    const page = await pollingPage({ jobId: JOB, onCompleted });
    await page.change({ jobId: OTHER_JOB, onCompleted });
    expect(onCompleted.mock.calls.map(([result]) => result.jobId)).toEqual([JOB, OTHER_JOB]);
  });

  it("are not called for a refusal again when the job is looked at again", async () => {
    stubApi(refusal(404, "job-not-found"));
    const onFailed = vi.fn();
    const page = await pollingPage({ jobId: JOB, onFailed });
    await page.change({ jobId: null, onFailed });
    await page.change({ jobId: JOB, onFailed });
    expect(page.polling.status).toBe("failed");
    expect(onFailed).toHaveBeenCalledTimes(1);
  });

  it("tell the end of a job that was refused before, but no refusal after the end", async () => {
    stubApi(refusal(401, "not-signed-in"), job(completed(JOB)), refusal(410, "job-gone"));
    const [onCompleted, onFailed] = [vi.fn(), vi.fn()];
    const page = await pollingPage({ jobId: JOB, onCompleted, onFailed });
    for (const status of ["completed", "failed"]) {
      await page.change({ jobId: null, onCompleted, onFailed });
      await page.change({ jobId: JOB, onCompleted, onFailed });
      expect(page.polling.status).toBe(status);
      expect([onCompleted.mock.calls.length, onFailed.mock.calls.length]).toEqual([1, 1]);
    }
  });

  it("may be left out", async () => {
    stubApi(job(completed()));
    expect((await pollingPage()).polling.status).toBe("completed");
  });

  it("that throw are reported, and are no trouble of the polling", async () => {
    const api = stubApi(job(completed()));
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const bug = new Error("a bug of the page");
    const onCompleted = vi.fn(() => {
      throw bug;
    });
    const page = await pollingPage({ onCompleted });
    await pass(60 * MINUTE);
    expect(page.polling).toMatchObject({ status: "completed", trouble: null });
    expect(report.mock.calls).toEqual([[bug]]);
    expect([api.count, onCompleted.mock.calls.length]).toEqual([1, 1]);
  });
});
