import { useMutation } from "@tanstack/react-query";
import { get } from "../../api/request.js";
import type { JobView, ReportUrlView, ReportView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ProblemNote } from "../../parts/notes.js";

interface Props {
  readonly job: Pick<JobView, "id">;
  readonly report: Pick<ReportView, "name">;
  readonly kind?: "primary" | "plain";
}

/** Fetches a report's address, which is good for minutes only, and lets the browser download from it. */
export function DownloadButton({ job, report, kind = "plain" }: Props) {
  const path = `api/jobs/${encodeURIComponent(job.id)}/reports/${encodeURIComponent(report.name)}`;
  const download = useMutation({
    mutationFn: () => get<ReportUrlView>(path, { query: { as: "url" } }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <>
      <Button kind={kind} isBusy={download.isPending} onClick={() => download.mutate()}>
        Download {report.name}
      </Button>
      <ProblemNote error={download.error} />
    </>
  );
}
