import { type AnalysisJob, readJob, readStarted, type StartedAnalysis } from "./answers.js";
import { JobmillError, problem } from "./errors.js";
import { retryAfterMs } from "./retry-after.js";

/** The API's own limit is 29 s; an upload takes as long as it takes. */
export const ANSWER_LIMIT_MS = 30_000;

type Token = string | null | undefined;

export interface ClientSettings {
  /** Where the API is, as `https://api.example.com`; without it, where the page is. A server has to name it. */
  readonly baseUrl?: string | undefined;
  /** The ID token, or a function that gives it: called for each request, it may fetch a new one. */
  readonly token?: Token | (() => Token | Promise<Token>);
}

export interface RequestOptions {
  /** Ends the request; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface AnalysisOptions extends RequestOptions {
  /** `recommended` keeps only rows with a recommendation; `all` without it. */
  readonly filterOption?: "all" | "recommended" | undefined;
  /** Needed by those who may write in more than one project. */
  readonly projectId?: string | undefined;
  /** Makes a repeat of the call, within a day, the same analysis. */
  readonly idempotencyKey?: string | undefined;
}

/** What was seen of a job at one look; handed to the next look, it makes an unchanged job cost nothing. */
export interface Sighting {
  readonly job: AnalysisJob;
  readonly etag: string | null;
  /** How long the API asks to wait before the next look, in milliseconds. */
  readonly retryAfterMs: number | null;
}

export interface LookOptions extends RequestOptions {
  readonly last?: Sighting | null | undefined;
}

interface Answer {
  readonly response: Response;
  readonly body: unknown;
  readonly retryAfterMs: number | null;
}

/** Calls one API. Every method throws JobmillError for what the API refuses, and when it does not answer. */
export class JobmillClient {
  settings: ClientSettings;

  constructor(settings: ClientSettings = {}) {
    this.settings = settings;
  }

  /** Sends a file (CSV or XLSX, up to 4 MB) to be analysed. */
  async analyzeFile(file: File, options: AnalysisOptions = {}): Promise<StartedAnalysis> {
    const form = new FormData();
    form.append("filterOption", options.filterOption ?? "all");
    if (options.projectId !== undefined) form.append("projectId", options.projectId);
    form.append("file", file);
    const path = "/api/v1/analysis/analyze-file";
    const headers: Record<string, string> = options.idempotencyKey ? { "Idempotency-Key": options.idempotencyKey } : {};
    const init = { method: "POST", body: form, headers, signal: options.signal ?? null };
    const answer = await this.#send(path, init, null);
    return readStarted(answer.response.status, answer.body);
  }

  /** The job as it is now. */
  async checkJobStatus(jobId: string, options: RequestOptions = {}): Promise<AnalysisJob> {
    return (await this.lookAtJob(jobId, options)).job;
  }

  /** The job as it is now, with what the next look needs. */
  async lookAtJob(jobId: string, { last = null, signal }: LookOptions = {}): Promise<Sighting> {
    const headers: Record<string, string> = last?.etag ? { "If-None-Match": last.etag } : {};
    const path = `/api/v1/analysis/job/${encodeURIComponent(jobId)}`;
    const {
      response,
      body,
      retryAfterMs: pause,
    } = await this.#send(path, { headers, signal: signal ?? null }, ANSWER_LIMIT_MS);
    if (response.status === 304 && last !== null) return { ...last, retryAfterMs: pause };
    return { job: readJob(response.status, body), etag: response.headers.get("ETag"), retryAfterMs: pause };
  }

  async #send(path: string, init: RequestInit, limitMs: number | null): Promise<Answer> {
    const headers = new Headers(init.headers);
    headers.set("Accept", "application/json, application/problem+json");
    const token = await this.#token();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const url = (this.settings.baseUrl ?? "").replace(/\/+$/, "") + path;
    const { response, body } = await exchange(url, { ...init, headers }, limitMs);
    const pause = retryAfterMs(response.headers, Date.now());
    if (!response.ok && response.status !== 304) throw problem(response.status, body, pause);
    return { response, body, retryAfterMs: pause };
  }

  async #token(): Promise<string | null> {
    const { token } = this.settings;
    try {
      return (typeof token === "function" ? await token() : token)?.trim() || null;
    } catch (cause) {
      throw new JobmillError("token-unavailable", null, `There is no token: ${reason(cause)}`, { cause });
    }
  }
}

/** One request and its whole answer, within the limit; a body that is no JSON is null. */
async function exchange(url: string, init: RequestInit, limitMs: number | null) {
  const caller = init.signal;
  caller?.throwIfAborted();
  const request = new AbortController();
  const abort = () => request.abort(caller?.reason);
  caller?.addEventListener("abort", abort);
  const late = () => request.abort(new Error(`no answer within ${(limitMs ?? 0) / 1000} seconds`));
  const timer = limitMs === null ? undefined : setTimeout(late, limitMs);
  try {
    const response = await fetch(url, { ...init, signal: request.signal });
    return { response, body: parsed(await response.text()) };
  } catch (cause) {
    caller?.throwIfAborted();
    throw new JobmillError("unreachable", null, `The API does not answer: ${reason(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", abort);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error && cause.message ? `${cause.message.replace(/\.$/, "")}.` : "the reason is not known.";
}
