import type { JobView } from "../../api/views.js";

export function isActive({ status }: Pick<JobView, "status">): boolean {
  return status === "Queued" || status === "Running";
}

/** Whether its status lets it be queued again; a Custom job's program has to begin another one. */
export function isRetryable({ status, type }: Pick<JobView, "status" | "type">): boolean {
  return type !== "Custom" && (status === "Failed" || status === "Cancelled");
}

/** Its reports live for as long as the job, so they tell; null where there is none, or no end yet. */
export function keptUntil({ reports }: Pick<JobView, "reports">): string | null {
  return reports.find(({ expiresAt }) => expiresAt)?.expiresAt ?? null;
}
