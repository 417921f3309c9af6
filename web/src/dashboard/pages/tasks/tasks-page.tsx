import { Page } from "../../layout/page.js";

export function TasksPage() {
  return <Page title="Tasks">…</Page>;
}
