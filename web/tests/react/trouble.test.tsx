import { describe, expect, it, vi } from "vitest";

import { JobmillClient } from "../../src/client/index.js";
import { completed, stubApi, JOB, job, json, noAnswer, noNetwork, processing, refusal } from "../client/fake-api.js";
import { chance, MINUTE, pass, pollingPage } from "./polling-page.js";

describe("A7 network trouble", () => {
  it("is shown and is no end; the next answer ends it", async () => {
    chance(1);
    const onFailed = vi.fn();
    const api = stubApi(job(processing(40)), noNetwork, job(processing(60)), job(completed()));
    const page = await pollingPage({ onFailed });
    await pass(MINUTE);
    expect(page.polling).toMatchObject({
      status: "processing",
      progress: 40,
      error: null,
      trouble: { code: "unreachable", status: null, detail: "The API does not answer: Failed to fetch." },
    });
    await pass(1_000);
    expect(page.polling).toMatchObject({ status: "processing", progress: 60, trouble: null });
    await pass(MINUTE);
    expect(page.polling.status).toBe("completed");
    expect([api.count, onFailed.mock.calls.length]).toEqual([4, 0]);
  });

  it("is shown also when the progress stands still, and so is its end", async () => {
    chance(1);
    stubApi(job(processing(0)), noNetwork, job(processing(0)));
    const page = await pollingPage();
    await pass(MINUTE);
    expect(page.polling.trouble?.code).toBe("unreachable");
    await pass(1_000);
    expect(page.polling.trouble).toBeNull();
  });

  it("makes the pauses grow, up to five minutes", async () => {
    chance(1);
    const api = stubApi(noNetwork);
    await pollingPage();
    const pauses = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
    for (const [n, seconds] of pauses.entries()) {
      await pass(seconds * 1_000 - 1);
      expect(api.count).toBe(n + 1);
      await pass(1);
      expect(api.count).toBe(n + 2);
    }
  });

  it("has pauses that chance makes shorter", async () => {
    chance(0.25);
    const api = stubApi(noNetwork);
    await pollingPage();
    await pass(249);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
    await pass(500);
    expect(api.count).toBe(3);
  });

  it("begins with short pauses again after an answer", async () => {
    chance(1);
    const api = stubApi(noNetwork, noNetwork, noNetwork, job(processing(10)), noNetwork);
    await pollingPage({ interval: 10_000 });
    await pass(7_000);
    expect(api.count).toBe(4);
    await pass(10_000);
    expect(api.count).toBe(5);
    await pass(1_000);
    expect(api.count).toBe(6);
  });

  it.each([408, 429, 500, 502, 503, 504])("is what a %i is", async (status) => {
    chance(1);
    stubApi(refusal(status, "try-later"), job(completed()));
    const page = await pollingPage();
    expect(page.polling).toMatchObject({ status: "processing", trouble: { status, code: "try-later" } });
    await pass(1_000);
    expect(page.polling.status).toBe("completed");
  });

  it("is what a page of another server is, with status 200", async () => {
    stubApi(() => new Response("<html>Sign in to the hotel's network</html>"));
    const page = await pollingPage();
    expect(page.polling).toMatchObject({ status: "processing", trouble: { code: "unreadable-answer", status: 200 } });
  });

  it.each([[{ status: "processing" }], [{ status: "failed" }], [{ status: "Running" }], [[]], ["text"], [null]])(
    "is what the answer %j is",
    async (body) => {
      stubApi(json(body));
      expect((await pollingPage()).polling).toMatchObject({ trouble: { code: "unreadable-answer" } });
    },
  );

  it("is what no answer within 30 seconds is", async () => {
    chance(1);
    const api = stubApi(noAnswer, job(processing(5)));
    const page = await pollingPage();
    await pass(29_999);
    expect(page.polling.trouble).toBeNull();
    await pass(1);
    expect(page.polling.trouble).toMatchObject({
      code: "unreachable",
      detail: "The API does not answer: no answer within 30 seconds.",
    });
    expect(api.last.signal.aborted).toBe(true);
    await pass(1_000);
    expect(page.polling).toMatchObject({ progress: 5, trouble: null });
  });

  it("is what a token that cannot be had is", async () => {
    chance(1);
    const token = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error("no session")).mockResolvedValue("t");
    const api = stubApi(job(processing(5)));
    const page = await pollingPage({ client: new JobmillClient({ token }) });
    expect(page.polling.trouble).toMatchObject({ code: "token-unavailable", detail: "There is no token: no session." });
    expect(api.count).toBe(0);
    await pass(1_000);
    expect(page.polling).toMatchObject({ progress: 5, trouble: null });
    expect(api.last.headers.get("Authorization")).toBe("Bearer t");
  });

  it("is what a client that breaks is", async () => {
    const client = { lookAtJob: vi.fn().mockRejectedValue("broken") };
    const page = await pollingPage({ client });
    expect(page.polling.trouble).toMatchObject({ code: "client-error" });
    expect(client.lookAtJob).toHaveBeenCalledWith(JOB, expect.anything());
  });

  it("is over when the browser is online again: it looks at once", async () => {
    chance(1);
    const api = stubApi(job(processing(40)), noNetwork, noNetwork, job(processing(50)));
    const page = await pollingPage();
    window.dispatchEvent(new Event("online"));
    await pass(MINUTE - 1);
    expect(api.count).toBe(1);
    await pass(1 + 1_000);
    expect(api.count).toBe(3);
    window.dispatchEvent(new Event("online"));
    await pass(0);
    expect(api.count).toBe(4);
    expect(page.polling).toMatchObject({ progress: 50, trouble: null });
  });
});
