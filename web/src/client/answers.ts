import { isObject, JobmillError } from "./errors.js";

/** An object of the API whose fields depend on the file that was analysed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The analysis is queued or under way. */
export interface ProcessingJob {
  readonly success: true;
  readonly jobId: string;
  readonly status: "processing";
  /** Whole per cent, 0 to 100. */
  readonly progress: number;
  readonly message: string;
}

/** The analysis has ended well. */
export interface CompletedJob {
  readonly success: true;
  readonly jobId: string;
  readonly status: "completed";
  readonly message: string;
  /** Of the workbook, relative to the API; it needs the token, too. */
  readonly downloadUrl: string;
  readonly excelFile: string;
  /** One sentence: the file, its sheets, and what each was taken for. */
  readonly dataSource: string;
  readonly summary: JsonObject;
  readonly onpageResults: readonly JsonObject[];
  readonly keywordMapping: readonly JsonObject[];
  /** The two lists are cut here; the workbook has the whole of them, and so has `resultsUrl`. */
  readonly truncated?: true;
  /** Of the whole result as JSON, relative to the API. */
  readonly resultsUrl?: string;
}

/** Why an analysis failed, in words for the user. */
export interface JobFailure {
  readonly message: string;
  readonly details: string;
}

/** The analysis failed, or was cancelled. */
export interface FailedJob {
  readonly success: false;
  readonly jobId: string;
  readonly status: "failed";
  readonly error: JobFailure;
}

/** What the API says of a job; `status` tells which of the three it is. */
export type AnalysisJob = ProcessingJob | CompletedJob | FailedJob;

/** The answer to a file: its analysis has begun. */
export interface StartedAnalysis {
  readonly success: true;
  readonly jobId: string;
  readonly status: "processing";
  readonly message: string;
}

/** The job in an answer's body. Throws JobmillError `unreadable-answer`, as for a page of a proxy. */
export function readJob(status: number, body: unknown): AnalysisJob {
  if (isObject(body)) {
    if (body["status"] === "processing" && typeof body["progress"] === "number") return body as unknown as AnalysisJob;
    if (body["status"] === "completed") return body as unknown as AnalysisJob;
    if (body["status"] === "failed" && isObject(body["error"])) return body as unknown as AnalysisJob;
  }
  throw unreadable(status);
}

/** The answer to a file. Throws JobmillError `unreadable-answer`. */
export function readStarted(status: number, body: unknown): StartedAnalysis {
  if (isObject(body) && typeof body["jobId"] === "string") return body as unknown as StartedAnalysis;
  throw unreadable(status);
}

function unreadable(status: number): JobmillError {
  return new JobmillError("unreadable-answer", status, "The answer is not one of the analysis API.");
}
