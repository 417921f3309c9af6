/** What is wrong with one field of a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

interface Circumstances {
  readonly errors?: readonly FieldError[];
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/** Why a call has no good answer; `message`, the same as `detail`, is a sentence for the user. */
export class JobmillError extends Error {
  override readonly name = "JobmillError";
  /**
   * Stable, for programs: the API's own code, or `unreachable`, `token-unavailable`, `unreadable-answer`; for an answer
   * that has none, its status in words (`too-many-requests`) or as `http-502`.
   */
  readonly code: string;
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** How long the API asks to wait before the next try, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(code: string, status: number | null, detail: string, circumstances: Circumstances = {}) {
    super(detail, { cause: circumstances.cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.errors = circumstances.errors ?? [];
    this.retryAfterMs = circumstances.retryAfterMs ?? null;
  }

  /** Whether the same request may get a good answer later: no answer or a strange one, 408, 429, 5xx. */
  get isTemporary(): boolean {
    const { code, status } = this;
    return status === null || code === "unreadable-answer" || status === 408 || status === 429 || status >= 500;
  }
}

/** The codes of answers without a problem document: those of the gateway before the API. */
const CODES: Readonly<Record<number, string>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  410: "gone",
  413: "content-too-large",
  429: "too-many-requests",
  503: "service-unavailable",
};

/** The error that an answer tells: a problem document (RFC 9457), the gateway's `{message}`, or only a status. */
export function problem(status: number, body: unknown, retryAfterMs: number | null): JobmillError {
  const told = isObject(body) ? body : {};
  const code = text(told["code"]) ?? CODES[status] ?? `http-${status}`;
  const detail =
    text(told["detail"]) ?? text(told["title"]) ?? text(told["message"]) ?? `The API answered with status ${status}.`;
  const errors = Array.isArray(told["errors"]) ? told["errors"].filter(isFieldError) : [];
  return new JobmillError(code, status, detail, { errors, retryAfterMs });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFieldError(value: unknown): value is FieldError {
  return isObject(value) && typeof value["field"] === "string" && typeof value["message"] === "string";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
