import { describe, expect, test } from "vitest";
import { isFiltered, jobsAddress, localText, momentOf, readFilter } from "../../src/dashboard/pages/jobs/filter.js";

describe("the filter of jobs", () => {
  test("is read from the address, and the address is made of it", () => {
    const filter = readFilter("demo", new URLSearchParams("status=Failed&from=2026-01-15T09:00:00.000Z"));
    expect(filter).toEqual({
      projectId: "demo",
      status: "Failed",
      type: null,
      from: "2026-01-15T09:00:00.000Z",
      until: null,
    });
    expect(isFiltered(filter)).toBe(true);
    expect(isFiltered(readFilter("demo", new URLSearchParams()))).toBe(false);
    expect(jobsAddress({ project: "a b", status: "Failed", type: null })).toBe("/jobs?project=a+b&status=Failed");
    expect(jobsAddress({ status: "" })).toBe("/jobs");
  });

  test("has times as the reader's clock shows them, and the address has them in UTC", () => {
    const at = new Date(2026, 2, 5, 8, 7).toISOString();
    expect(localText(at)).toBe("2026-03-05T08:07");
    expect(momentOf("2026-03-05T08:07")).toBe(at);
    expect(at).toMatch(/Z$/);
  });

  test("takes no half-typed year for a time, and no nonsense of an address", () => {
    expect(momentOf("0202-03-05T08:07")).toBeNull();
    expect(momentOf("")).toBeNull();
    expect(localText("yesterday")).toBe("");
    expect(localText(null)).toBe("");
  });
});
