import { Page } from "../../layout/page.js";

export function NewJobPage() {
  return <Page title="New job">…</Page>;
}
