export type { JobPolling } from "./polling.js";
export { useJobPolling } from "./use-job-polling.js";
export type { JobPollingOptions, JobPollingResult } from "./use-job-polling.js";
