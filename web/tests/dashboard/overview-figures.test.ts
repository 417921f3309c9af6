import { describe, expect, test } from "vitest";
import type { HourView } from "../../src/dashboard/api/views.js";
import { failureRate, inWords, stack, throughput, top } from "../../src/dashboard/pages/overview/figures.js";

const START = new Date(2026, 0, 15, 10).getTime();

/** Whole hours from ten o'clock of the reader's day on, each as [completed, failed, cancelled]. */
function hoursOf(...figures: readonly (readonly [number, number, number])[]): HourView[] {
  return figures.map(([completed, failed, cancelled], index) => ({
    startsAt: new Date(START + index * 3_600_000).toISOString(),
    completed,
    failed,
    cancelled,
  }));
}

describe("the last 24 hours in words", () => {
  test("tell the sums, the failure rate and the busiest hour by the reader's clock", () => {
    const hours = hoursOf([90, 1, 1], [0, 0, 0], [30, 2, 0]);
    expect(inWords(hours)).toBe(
      "Last 24 hours: 120 completed, 3 failed (2.4 %), 1 cancelled; busiest hour 10:00 with 92",
    );
  });

  test("tell no rate without a failure, and nothing of hours in which no job ended", () => {
    expect(inWords(hoursOf([2, 0, 0]))).toBe(
      "Last 24 hours: 2 completed, 0 failed, 0 cancelled; busiest hour 10:00 with 2",
    );
    expect(inWords(hoursOf([0, 0, 0]))).toBe("Last 24 hours: no job ended");
  });

  test("a cancelled job neither failed nor succeeded", () => {
    expect(failureRate({ completed: 3, failed: 1 })).toBe("25 %");
    expect(failureRate({ completed: 0, failed: 0 })).toBeNull();
  });

  test("the throughput is over the time that the hours cover, of which the last one runs", () => {
    const hours = hoursOf([5, 0, 1], [4, 1, 0]);
    expect(throughput(hours, START + 1.5 * 3_600_000)).toBe("7.3 jobs an hour");
    expect(throughput(hoursOf([1, 0, 0]), START + 60_000)).toBe("1 job an hour");
    expect(throughput([], START)).toBeNull();
  });
});

describe("the chart's bars", () => {
  test("stand on each other, without the kinds that are not there", () => {
    expect(stack(hoursOf([4, 0, 2])[0]!)).toEqual([
      { kind: "completed", from: 0, to: 4 },
      { kind: "cancelled", from: 4, to: 6 },
    ]);
    expect(stack(hoursOf([1, 2, 3])[0]!).map(({ to }) => to)).toEqual([1, 3, 6]);
  });

  test.each([
    [0, 2],
    [1, 2],
    [3, 4],
    [7, 10],
    [11, 20],
    [41, 50],
    [99, 100],
    [100, 100],
    [12_345, 20_000],
  ])("%i at most: the axis goes to %i, and its half is whole", (highest, round) => {
    expect(top(hoursOf([highest, 0, 0]))).toBe(round);
  });
});
