// Checked by tsc: what compiles for a caller, and what must not. A line that should not and does is an error there.
import type { AnalysisJob, CompletedJob, JobFailure } from "../../src/client/index.js";
import { analyzeFile, checkJobStatus, configure, JobmillClient, JobmillError } from "../../src/client/index.js";
import { type JobPolling, useJobPolling } from "../../src/client/react.js";

export function theStatusTellsTheFields(job: AnalysisJob, polling: JobPolling): string {
  // @ts-expect-error not known yet which of the three it is
  job.downloadUrl.trim();
  if (job.status === "completed") job.downloadUrl.trim();
  if (job.status === "processing") job.progress.toFixed();
  if (job.status === "failed") job.error.details.trim();
  // @ts-expect-error there is no such status
  if (job.status === "done") return "";

  if (polling.status === "completed") {
    const result: CompletedJob = polling.result;
    const error: null = polling.error;
    return result.excelFile + error;
  }
  // @ts-expect-error only of a completed job
  polling.result.excelFile.trim();
  if (polling.status === "failed") {
    const error: JobFailure | JobmillError = polling.error;
    return error instanceof JobmillError ? error.code : error.details;
  }
  // @ts-expect-error nothing may be written
  polling.progress = 5;
  return polling.trouble?.detail ?? "";
}

export function UseOfTheHook({ jobId }: { jobId: string | null }) {
  useJobPolling({ jobId });
  useJobPolling({ jobId: undefined, interval: undefined, onCompleted: undefined, onFailed: undefined });
  useJobPolling({ jobId, client: new JobmillClient({ baseUrl: "https://api.example.com", token: async () => "t" }) });
  useJobPolling({ jobId, onCompleted: (result) => result.summary["pages"], onFailed: (error) => error.message });
  // @ts-expect-error a job is needed, or null
  useJobPolling({ interval: 60_000 });
  // @ts-expect-error an id is a text
  useJobPolling({ jobId: 5 });
  // @ts-expect-error milliseconds are a number
  useJobPolling({ jobId, interval: "60s" });
  // @ts-expect-error a result has no such field
  useJobPolling({ jobId, onCompleted: (result) => result.rows });
  const { status, progress, lookNow } = useJobPolling({ jobId });
  return (
    <button onClick={lookNow}>
      {status} {progress.toFixed()}
    </button>
  );
}

export async function useOfTheClient(file: File): Promise<void> {
  const { jobId } = await analyzeFile(file, { filterOption: "recommended", projectId: "demo" });
  await checkJobStatus(jobId, { signal: AbortSignal.timeout(1_000) });
  configure({ token: null });
  // @ts-expect-error one of two words
  await analyzeFile(file, { filterOption: "best" });
  // @ts-expect-error a file, not its name
  await analyzeFile("crawl.csv");
  // @ts-expect-error a token is a text
  configure({ token: 5 });
}
