import type { JobView } from "../../api/views.js";

/** Job types that work on an uploaded file. */
const ON_FILES = new Set(["Import", "Analysis"]);

/** What to do about a failure. */
export function adviceOf(job: Pick<JobView, "type" | "errorKind" | "retryable" | "reports" | "id">): string {
  switch (job.errorKind) {
    case "input":
      return inputAdvice(job);
    case "timeout":
      return "Retry it. If it takes too long again, give it less to do at once, or submit it with a longer runLimitSeconds.";
    case "dependency":
      return "Retry it: a service that it needs did not answer, and that passes.";
    default:
      return job.retryable === false
        ? `A retry does not help. Tell the operator the job's id: ${job.id}.`
        : `Retry it. If it fails again, tell the operator the job's id: ${job.id}.`;
  }
}

function inputAdvice({ type, reports }: Pick<JobView, "type" | "reports">): string {
  if (!ON_FILES.has(type)) return "Correct the parameters: retry with edited parameters.";
  const workbook = reports.find(({ name }) => name.endsWith("errors.xlsx"));
  const explained = workbook ? ` ${workbook.name} explains what is wrong in it.` : "";
  return `Correct the file and send it again.${explained}`;
}
