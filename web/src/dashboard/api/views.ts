/** The API's answers, as far as the dashboard reads them; a test compares them with docs/openapi.json. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Status = "Queued" | "Running" | "Completed" | "Failed" | "Cancelled";
export const STATUSES: readonly Status[] = ["Queued", "Running", "Completed", "Failed", "Cancelled"];
/** A time in UTC, as ISO 8601. */
export type Moment = string;

export interface SummaryView {
  readonly id: string;
  readonly type: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly status: Status;
  readonly progress: number;
  readonly createdAt: Moment;
  readonly startedAt?: Moment;
  readonly createdBy: string;
  readonly createdByName: string;
}

export interface ReportView {
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly expiresAt?: Moment;
  readonly url: string;
}

interface ErrorFields {
  readonly error?: string;
  readonly errorCode?: string;
  readonly errorKind?: string;
  readonly errorDetails?: string;
  readonly retryable?: boolean;
}

export interface JobView extends SummaryView, ErrorFields {
  readonly progressMessage?: string;
  readonly completedAt?: Moment;
  /** When it will be deleted, with its reports; absent while it is under way. */
  readonly expiresAt?: Moment;
  readonly updatedAt: Moment;
  readonly run: number;
  readonly attempt: number;
  readonly params?: Json;
  readonly data?: Json;
  readonly result?: Json;
  readonly reports: readonly ReportView[];
}

export interface AttemptView extends ErrorFields {
  readonly number: number;
  readonly run: number;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  readonly outcome: string;
  readonly params?: Json;
}

export interface EventView extends ErrorFields {
  readonly type: string;
  readonly at: Moment;
  readonly run: number;
  readonly attempt?: number;
  readonly by?: string;
}

export interface CountsView {
  readonly total: number;
  readonly queued: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface HourView {
  readonly startsAt: Moment;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface ActivityView {
  /** 24 whole hours and the running one, oldest first. */
  readonly hours: readonly HourView[];
  readonly oldestQueuedAt?: Moment;
}

export interface MembershipView {
  readonly id: string;
  readonly name: string;
  readonly role: "reader" | "writer";
}

export interface MeView {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly projects: readonly MembershipView[];
}

export interface OutcomeView {
  readonly id: string;
  readonly outcome: "cancelled" | "queued" | "refused";
  readonly status?: Status;
  readonly error?: string;
  readonly errorCode?: string;
}

export interface BulkView {
  readonly outcomes: readonly OutcomeView[];
  readonly next?: string;
}

export interface UploadView {
  readonly uploadId: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: Moment;
}

export type Cell = string | number | boolean | null;

export interface PreviewView {
  readonly sheet?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Whether the report has more rows than these. */
  readonly more: boolean;
}

export interface ReportUrlView {
  readonly url: string;
}

export interface JobTypeView {
  readonly type: string;
  readonly description: string;
  /** The JSON Schema of `params`. */
  readonly schema: Json;
}

export interface DatasetView {
  readonly name: string;
  readonly version: number;
  readonly rows: number;
  readonly createdAt: Moment;
  readonly createdByName: string;
  readonly jobId: string;
}

export interface ScheduleView {
  readonly expression: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly next?: Moment;
  /** The expression in English; absent where it is not understood. */
  readonly words?: string;
}

export interface SuspensionView {
  readonly since?: Moment;
  readonly by?: string;
  readonly reason?: string;
}

export interface SkippedView {
  readonly count: number;
  readonly at: Moment;
  readonly jobId?: string;
}

export interface TaskDataView {
  readonly version: number;
  readonly at: Moment;
  readonly savedIn: "storage" | "db" | "none";
  readonly records?: number;
  readonly sizeBytes?: number;
  readonly url: string;
}

/** `suspeneded` is how the API spells it. */
export type TaskStatus = "running" | "completed" | "failed" | "suspeneded";

export interface TaskView {
  readonly name: string;
  readonly status?: TaskStatus;
  readonly source?: string;
  readonly started?: Moment;
  readonly completed?: Moment;
  readonly error?: string;
  readonly durationSeconds?: number;
  readonly jobId?: string;
  readonly schedule?: ScheduleView;
  readonly firedAt?: Moment;
  readonly suspension?: SuspensionView;
  readonly late: boolean;
  readonly lateReasons: readonly string[];
  readonly data?: TaskDataView;
  readonly skipped?: SkippedView;
  readonly freshForSeconds?: number;
  readonly runLimitSeconds: number;
}

export interface TaskRunView {
  readonly jobId: string;
  readonly status: Status;
  readonly source: string;
  readonly slot?: Moment;
  readonly createdAt: Moment;
  readonly startedAt?: Moment;
  readonly completedAt?: Moment;
  readonly progress: number;
}

export interface LiveTicketView {
  readonly ticket: string;
  /** The whole address to open. */
  readonly url: string;
  readonly expiresAt: Moment;
}
