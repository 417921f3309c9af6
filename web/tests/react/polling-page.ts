import { act, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { vi } from "vitest";

import { type JobPollingOptions, type JobPollingResult, useJobPolling } from "../../src/client/react.js";
import { JOB } from "../client/fake-api.js";

export const MINUTE = 60_000;

/** A mounted page that polls; each render's state is kept. */
export async function pollingPage(options: Partial<JobPollingOptions> = {}, { isStrict = false } = {}) {
  const renders: JobPollingResult[] = [];
  const usePolledJob = (now: Partial<JobPollingOptions>) => {
    const polling = useJobPolling({ jobId: JOB, ...now });
    renders.push(polling);
    return polling;
  };
  const { result, rerender, unmount } = renderHook(usePolledJob, {
    initialProps: options,
    ...(isStrict ? { wrapper: StrictMode } : {}),
  });
  await pass(0);
  return {
    renders,
    unmount,
    get polling() {
      return result.current;
    },
    change: async (now: Partial<JobPollingOptions>) => {
      rerender(now);
      await pass(0);
    },
  };
}

/** Let time pass, and what waits for it happen. */
export async function pass(ms: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

/** The user turns to another tab, or back to this one. */
export async function turnPage(visibility: "hidden" | "visible"): Promise<void> {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(visibility);
  vi.spyOn(document, "hidden", "get").mockReturnValue(visibility === "hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
}

/** What `Math.random` gives: 1 is the longest pause of those possible. */
export function chance(value: number): void {
  vi.spyOn(Math, "random").mockReturnValue(value);
}
