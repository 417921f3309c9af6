import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Which React the tests of this project run on. */
    reactMajor: 18 | 19;
  }
}

// Each test has a clock of its own, and leaves no page behind.
beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});
