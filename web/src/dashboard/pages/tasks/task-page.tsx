import { Page } from "../../layout/page.js";

export function TaskPage() {
  return <Page title="Task">…</Page>;
}
