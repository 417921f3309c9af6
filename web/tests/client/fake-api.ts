import { vi } from "vitest";

import type { AnalysisJob, CompletedJob, FailedJob, ProcessingJob } from "../../src/client/index.js";

export const JOB = "job_1738268400000_a1b2c3d4e5f6g7h8";
export const OTHER_JOB = "job_1738268400001_h8g7f6e5d4c3b2a1";

export interface Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

type Reply = (request: Request) => Response | Promise<Response>;

/** Stands in for `fetch`: gives the replies in their order, the last of them for ever. */
export function stubApi(...replies: Reply[]): FakeApi {
  const api = new FakeApi();
  api.reply(...replies);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => api.answer(url, init));
  return api;
}

class FakeApi {
  readonly requests: Request[] = [];
  #replies: Reply[] = [];

  /** What is answered from now on. */
  reply(...replies: Reply[]): void {
    this.#replies = replies;
  }

  get count(): number {
    return this.requests.length;
  }

  get last(): Request {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error("nothing was asked");
    return request;
  }

  async answer(url: string, init: RequestInit): Promise<Response> {
    const { method = "GET", body = null } = init;
    const signal = init.signal ?? new AbortController().signal;
    this.requests.push({ url, method, headers: new Headers(init.headers), body, signal });
    const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0];
    if (reply === undefined) throw new Error("no reply was prepared");
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    return Promise.race([reply(this.last), aborted]);
  }
}

export function json(body: unknown, init: ResponseInit & { headers?: Record<string, string> } = {}): Reply {
  const headers = { "Content-Type": "application/json", ...init.headers };
  return () => new Response(JSON.stringify(body), { ...init, headers });
}

export function job(state: AnalysisJob, headers: Record<string, string> = {}): Reply {
  return json(state, { headers });
}

/** A problem document, as all errors of the API are. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): Reply {
  const body = { type: "about:blank", title: "Refused", status, code, detail: `The API says ${code}.` };
  return json(body, { status, headers: { ...headers, "Content-Type": "application/problem+json" } });
}

export function notModified(headers: Record<string, string> = {}): Reply {
  return () => new Response(null, { status: 304, headers });
}

/** What `fetch` does without a network. */
export const noNetwork: Reply = () => {
  throw new TypeError("Failed to fetch");
};

export const noAnswer: Reply = () => new Promise<never>(() => {});

/** An answer that comes when it is told to. */
export function later(reply: Reply): { reply: Reply; arrive: () => void } {
  const gate = new EventTarget();
  const arrived = new Promise((resolve) => gate.addEventListener("open", resolve));
  return {
    reply: async (request) => {
      await arrived;
      return reply(request);
    },
    arrive: () => gate.dispatchEvent(new Event("open")),
  };
}

export function processing(progress: number, jobId = JOB): ProcessingJob {
  return { success: true, jobId, status: "processing", progress, message: "Analysis in progress" };
}

export function completed(jobId = JOB): CompletedJob {
  return {
    success: true,
    jobId,
    status: "completed",
    message: "Analysis completed successfully",
    downloadUrl: "/api/v1/analysis/download/result.xlsx",
    excelFile: "result.xlsx",
    dataSource: "crawl.csv: 2 pages",
    summary: { pages: 2 },
    onpageResults: [{ url: "https://example.com/" }],
    keywordMapping: [],
  };
}

export function failed(jobId = JOB): FailedJob {
  const error = { message: "Analysis timeout", details: "The analysis took too long" };
  return { success: false, jobId, status: "failed", error };
}
