import type { JobView } from "../../api/views.js";

export function isActive({ status }: Pick<JobView, "status">): boolean {
  return status === "Queued" || status === "Running";
}

/** Whether its status lets it be queued again; a Custom job's program has to begin another one. */
export function isRetryable({ status, type }: Pick<JobView, "status" | "type">): boolean {
  return type !== "Custom" && (status === "Failed" || status === "Cancelled");
}
