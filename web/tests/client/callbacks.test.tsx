import { describe, expect, it, vi } from "vitest";

import { completed, stubApi, failed, JOB, job, later, OTHER_JOB, processing, refusal } from "./fake-api.js";
import { MINUTE, pass, pollingPage } from "./polling-page.js";

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
