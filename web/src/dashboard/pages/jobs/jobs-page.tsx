import { Page } from "../../layout/page.js";

export function JobsPage() {
  return <Page title="Jobs">…</Page>;
}
