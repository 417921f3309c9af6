import type { Status } from "../api/views.js";

/** A job's status, by word, form and colour. */
export function StatusMark({ status }: { readonly status: Status }) {
  return <span className={`status ${status.toLowerCase()}`}>{status}</span>;
}
