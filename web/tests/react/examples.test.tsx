import { act, fireEvent, render, screen } from "@testing-library/react";
import { type ReactElement, StrictMode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { completed, failed, job, json, JOB, noNetwork, processing, stubApi } from "../client/fake-api.js";
import { Analysis } from "./docs-example.js";
import { chance, MINUTE, pass } from "./polling-page.js";
import { MyComponent, serverAction } from "./seed-example.js";

const started = json({ success: true, jobId: JOB, status: "processing", message: "Started." }, { status: 202 });

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});

async function start(page: ReactElement): Promise<void> {
  render(page, { wrapper: StrictMode });
  await act(async () => fireEvent.click(screen.getByText("Start Analysis")));
  await pass(0);
}

describe("A7 the seed's component", () => {
  it("starts a job, shows its progress, and logs its result", async () => {
    const api = stubApi(started, job(processing(40)), job(processing(80)), job(completed()));
    await start(<MyComponent formData={new FormData()} />);
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

describe("A7 the component of docs/polling.md", () => {
  const page = <Analysis file={new File(["url\n"], "crawl.csv")} />;

  it("goes from a file to its result, over a lost network", async () => {
    chance(1);
    stubApi(started, job(processing(40)), noNetwork, job(completed()));
    await start(page);
    expect(screen.getByText("Processing... 40%")).toBeTruthy();
    await pass(MINUTE);
    expect(screen.getByText(/No answer \(The API does not answer: Failed to fetch\.\)/)).toBeTruthy();
    await pass(1_000);
    expect(screen.getByText("crawl.csv: 2 pages")).toBeTruthy();
    expect(screen.queryByText(/Processing|No answer/)).toBeNull();
    expect(console.log).toHaveBeenCalledWith("Job completed!", { pages: 2 });
  });

  it("shows why an analysis failed", async () => {
    stubApi(started, job(failed()));
    await start(page);
    expect(screen.getByText("Analysis timeout")).toBeTruthy();
    expect(console.error).toHaveBeenCalledWith("Job failed!", "Analysis timeout");
  });
});
