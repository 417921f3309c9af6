import { Page } from "../../layout/page.js";

export function JobPage() {
  return <Page title="Job">…</Page>;
}
