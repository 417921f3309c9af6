import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { Analysis } from "./docs-example.js";
import { completed, failed, job, json, JOB, noNetwork, processing, stubApi } from "./fake-api.js";
import { MINUTE, pass } from "./polling-page.js";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(Math, "random").mockReturnValue(1);
});

async function start(): Promise<void> {
  render(<Analysis file={new File(["url\n"], "crawl.csv")} />);
  await act(async () => fireEvent.click(screen.getByText("Start Analysis")));
  await pass(0);
}

const started = json({ success: true, jobId: JOB, status: "processing", message: "Started." }, { status: 202 });

it("A7 the documented component goes from a file to its result, over a lost network", async () => {
  stubApi(started, job(processing(40)), noNetwork, job(completed()));
  await start();
  expect(screen.getByText("Processing... 40%")).toBeTruthy();
  await pass(MINUTE);
  expect(screen.getByText(/No answer \(The API does not answer: Failed to fetch\.\)/)).toBeTruthy();
  await pass(1_000);
  expect(screen.getByText("crawl.csv: 2 pages")).toBeTruthy();
  expect(screen.queryByText(/Processing|No answer/)).toBeNull();
  expect(console.log).toHaveBeenCalledWith("Job completed!", { pages: 2 });
});

it("A7 the documented component shows why an analysis failed", async () => {
  stubApi(started, job(failed()));
  await start();
  expect(screen.getByText("Analysis timeout")).toBeTruthy();
  expect(console.error).toHaveBeenCalledWith("Job failed!", "Analysis timeout");
});
