import { act, fireEvent, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { completed, stubApi, failed, job, json, JOB, processing } from "./fake-api.js";
import { MINUTE, pass } from "./polling-page.js";
import { MyComponent, serverAction } from "./seed-example.js";

const started = json(
  { success: true, jobId: JOB, status: "processing", message: "Analysis started." },
  { status: 202 },
);

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});

async function start(formData = new FormData()): Promise<void> {
  render(<MyComponent formData={formData} />, { wrapper: StrictMode });
  await act(async () => fireEvent.click(screen.getByText("Start Analysis")));
  await pass(0);
}

describe("A7 the seed's component", () => {
  it("starts a job, shows its progress, and logs its result", async () => {
    const api = stubApi(started, job(processing(40)), job(processing(80)), job(completed()));
    await start();
    expect(screen.getByText("Processing... 40%")).toBeTruthy();
    await pass(MINUTE);
    expect(screen.getByText("Processing... 80%")).toBeTruthy();
    await pass(MINUTE);
    expect(screen.queryByText(/Processing/)).toBeNull();
    await pass(60 * MINUTE);
    expect(api.requests.map(({ url }) => url)).toEqual([
      "/api/v1/analysis/analyze-file",
      ...Array.from({ length: 3 }, () => `/api/v1/analysis/job/${JOB}`),
    ]);
    expect(vi.mocked(console.log).mock.calls).toEqual([["Job completed!", completed()]]);
    expect(console.error).not.toHaveBeenCalled();
  });
});

describe("A8 the seed's server action", () => {
  it("logs the results of a completed job, and nothing of another", async () => {
    const api = stubApi(job(failed()));
    await serverAction();
    expect(console.log).not.toHaveBeenCalled();
    api.reply(job(completed()));
    await serverAction();
    expect(console.log).toHaveBeenCalledWith("Results:", completed());
  });
});
