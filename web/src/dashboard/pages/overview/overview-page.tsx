import { Page } from "../../layout/page.js";

export function OverviewPage() {
  return <Page title="Overview">…</Page>;
}
