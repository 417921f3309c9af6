import { describe, expect, it } from "vitest";

import { retryAfterMs } from "../../src/client/retry-after.js";

const NOW = Date.parse("2026-11-22T12:00:00Z");

describe("A7 Retry-After is read", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7_000],
    ["Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
    ["Sunday, 22-Nov-26 12:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 11:59:00 GMT", 0],
    ["", null],
    ["soon", null],
    ["1.5", null],
    ["-5", null],
    ["2026-11-22T12:00:30Z", null],
    ["Sun, 99 Nov 2026 12:00:30 GMT", null],
  ])("from %j", (value, expected) => {
    expect(retryAfterMs(new Headers({ "Retry-After": value }), NOW)).toBe(expected);
  });

  it("as none without the header", () => {
    expect(retryAfterMs(new Headers(), NOW)).toBeNull();
  });

  it("against the answer's own date, where the user's clock is wrong", () => {
    const headers = { "Retry-After": "Sun, 22 Nov 2026 18:00:30 GMT", Date: "Sun, 22 Nov 2026 18:00:00 GMT" };
    expect(retryAfterMs(new Headers(headers), NOW)).toBe(30_000);
  });
});
