import { JobmillError, problem } from "../../client/errors.js";
import { retryAfterMs } from "../../client/retry-after.js";

/** The API's own limit is 29 s. */
const ANSWER_LIMIT_MS = 30_000;

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly json?: unknown;
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer<Body> {
  readonly body: Body;
  /** The cursor of the next page; null on the last. */
  readonly cursor: string | null;
}

/** Who is told what the requests show of the connection, and whose token they carry. */
export interface Connection {
  /** The ID token, fresh. Rejects when there is none any more. */
  token(): Promise<string>;
  /** The API has refused the token. */
  refused(): void;
  /** Whether an answer came; false when none came at all. */
  answered(isAnswered: boolean): void;
}

let connection: Connection;

export function connect(to: Connection): void {
  connection = to;
}

/** One call of the API, from the page's own address. Throws JobmillError for what it refuses, and for no answer. */
export async function call<Body>(path: string, options: Call = {}): Promise<Answer<Body>> {
  const response = await send(path, options, await connection.token());
  const body: unknown = await readJson(response);
  if (!response.ok) {
    if (response.status === 401) connection.refused();
    throw problem(response.status, body, retryAfterMs(response.headers, Date.now()));
  }
  return { body: body as Body, cursor: nextCursor(response.headers.get("Link")) };
}

/** `call` without the page's cursor. */
export async function get<Body>(path: string, options: Omit<Call, "method" | "json"> = {}): Promise<Body> {
  return (await call<Body>(path, options)).body;
}

export async function post<Body>(path: string, json?: unknown, headers: Call["headers"] = {}): Promise<Body> {
  return (await call<Body>(path, { method: "POST", json, headers })).body;
}

async function send(path: string, { method = "GET", json, query = {}, headers = {}, signal }: Call, token: string) {
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    const response = await fetch(address(path, query), {
      method,
      headers: {
        ...headers,
        Accept: "application/json",
        Authorization: `Bearer ${token}`,
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: json === undefined ? null : JSON.stringify(json),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
    });
    connection.answered(true);
    return response;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    connection.answered(false);
    throw new JobmillError("unreachable", null, "Jobmill does not answer. Check your connection.", { cause });
  }
}

/** The address of a path of the API, as `api/jobs`: relative to the page, which a stage or a path may come before. */
export function address(path: string, query: Call["query"] = {}): string {
  const url = new URL(path, new URL(".", window.location.href.split("#")[0]));
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  return url.href;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === "" ? null : JSON.parse(text);
  } catch (cause) {
    if (!response.ok) return null;
    const detail = "The answer cannot be read. Try again.";
    throw new JobmillError("unreadable-answer", response.status, detail, { cause });
  }
}

function nextCursor(link: string | null): string | null {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  return target === undefined ? null : new URL(target, window.location.href).searchParams.get("cursor");
}
