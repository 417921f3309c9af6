import type { AnalysisJob, StartedAnalysis } from "./answers.js";
import { type AnalysisOptions, type ClientSettings, JobmillClient, type RequestOptions } from "./client.js";

/** The client of whoever names none: the API at the page's own origin, without a token, until `configure`. */
export const defaultClient = new JobmillClient();

/** Says where the API is and who asks, for `analyzeFile`, `checkJobStatus`, and hooks without a client of their own. */
export function configure(settings: ClientSettings): void {
  defaultClient.settings = settings;
}

/** `JobmillClient.analyzeFile` of the default client. */
export function analyzeFile(file: File, options?: AnalysisOptions): Promise<StartedAnalysis> {
  return defaultClient.analyzeFile(file, options);
}

/** `JobmillClient.checkJobStatus` of the default client. */
export function checkJobStatus(jobId: string, options?: RequestOptions): Promise<AnalysisJob> {
  return defaultClient.checkJobStatus(jobId, options);
}
