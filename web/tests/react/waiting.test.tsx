import { beforeEach, describe, expect, it, vi } from "vitest";

import { completed, job, noAnswer, noNetwork, processing, refusal, stubApi } from "../client/fake-api.js";
import { chance, MINUTE, pass, pollingPage, turnPage } from "./polling-page.js";

beforeEach(() => {
  vi.setSystemTime("2026-11-22T12:00:00Z");
});

describe("A7 Retry-After", () => {
  it("in seconds is waited for where it is longer than the interval", async () => {
    const api = stubApi(job(processing(40), { "Retry-After": "90" }), job(processing(50), { "Retry-After": "5" }));
    await pollingPage();
    await pass(89_999);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
    await pass(MINUTE - 1);
    expect(api.count).toBe(2);
    await pass(1);
    expect(api.count).toBe(3);
  });

  it("of a refusal is not shortened by a new interval", async () => {
    chance(0);
    const api = stubApi(job(processing(40)), refusal(503, "busy", { "Retry-After": "120" }), job(processing(50)));
    const page = await pollingPage();
    await pass(MINUTE);
    await page.change({ interval: 1_000 });
    await pass(119_999);
    expect(api.count).toBe(2);
    await pass(1);
    expect(api.count).toBe(3);
  });

  it("as a date is waited for", async () => {
    const api = stubApi(job(processing(40), { "Retry-After": "Sun, 22 Nov 2026 12:02:00 GMT" }));
    await pollingPage();
    await pass(2 * MINUTE - 1);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
  });

  it("of an unchanged answer is waited for", async () => {
    const api = stubApi(job(processing(40), { ETag: '"a"' }), () => {
      return new Response(null, { status: 304, headers: { "Retry-After": "100" } });
    });
    await pollingPage();
    await pass(MINUTE + 99_999);
    expect(api.count).toBe(2);
    await pass(1);
    expect(api.count).toBe(3);
  });

  it.each([429, 503])("of a %i is waited for, and chance comes on top", async (status) => {
    chance(0.5);
    const api = stubApi(refusal(status, "busy", { "Retry-After": "120" }), job(processing(1)));
    const page = await pollingPage();
    page.polling.lookNow();
    await pass(500);
    expect(api.count).toBe(1);
    await pass(119_499);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
  });

  it("of a refusal is on top of the jitter, so that pages do not come back together", async () => {
    chance(0.5);
    const api = stubApi(refusal(429, "busy", { "Retry-After": "120" }));
    await pollingPage();
    await pass(120_499);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
  });

  it("of a month is not taken for none, as timers would", async () => {
    const api = stubApi(job(processing(1), { "Retry-After": String(31 * 24 * 60 * 60) }));
    await pollingPage();
    await pass(23 * 60 * MINUTE);
    expect(api.count).toBe(1);
    await pass(60 * MINUTE);
    expect(api.count).toBe(2);
  });
});

describe("A7 a hidden tab", () => {
  it("does not look; shown again, it looks at once", async () => {
    const api = stubApi(job(processing(10)));
    await pollingPage();
    await turnPage("hidden");
    await pass(60 * MINUTE);
    expect(api.count).toBe(1);
    await turnPage("visible");
    expect(api.count).toBe(2);
    await pass(MINUTE);
    expect(api.count).toBe(3);
  });

  it("from the start: the first look waits for it to be shown", async () => {
    await turnPage("hidden");
    const api = stubApi(job(processing(10)));
    const page = await pollingPage();
    await pass(60 * MINUTE);
    expect([api.count, page.polling.status]).toEqual([0, "processing"]);
    await turnPage("visible");
    expect([api.count, page.polling.progress]).toEqual([1, 10]);
  });

  it("hears the answer that is under way, and asks for no other", async () => {
    chance(1);
    const api = stubApi(noAnswer);
    const page = await pollingPage();
    await turnPage("hidden");
    await pass(30_000);
    expect(page.polling.trouble?.code).toBe("unreachable");
    await pass(60 * MINUTE);
    expect(api.count).toBe(1);
  });

  it("is not looked for by a new interval, the network, or the caller", async () => {
    const api = stubApi(noNetwork);
    const page = await pollingPage();
    await turnPage("hidden");
    await page.change({ interval: 1_000 });
    window.dispatchEvent(new Event("online"));
    page.polling.lookNow();
    await pass(60 * MINUTE);
    expect(api.count).toBe(1);
  });

  it("shown again waits as long as the API asked to", async () => {
    chance(0);
    const api = stubApi(refusal(429, "busy", { "Retry-After": "300" }), job(processing(10)));
    await pollingPage();
    await turnPage("hidden");
    await pass(100_000);
    await turnPage("visible");
    expect(api.count).toBe(1);
    await pass(199_999);
    expect(api.count).toBe(1);
    await pass(1);
    expect(api.count).toBe(2);
  });

  it("shown again does not ask for a job that has ended", async () => {
    for (const end of [job(completed()), refusal(404, "job-not-found")]) {
      const api = stubApi(end);
      const page = await pollingPage();
      await turnPage("hidden");
      await turnPage("visible");
      await pass(60 * MINUTE);
      expect(api.count).toBe(1);
      page.unmount();
    }
  });
});
