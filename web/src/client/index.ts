export type {
  AnalysisJob,
  CompletedJob,
  FailedJob,
  JobFailure,
  JsonObject,
  ProcessingJob,
  StartedAnalysis,
} from "./answers.js";
export { JobmillClient } from "./client.js";
export type { AnalysisOptions, ClientSettings, LookOptions, RequestOptions, Sighting } from "./client.js";
export { analyzeFile, checkJobStatus, configure } from "./default-client.js";
export { JobmillError } from "./errors.js";
export type { FieldError } from "./errors.js";
