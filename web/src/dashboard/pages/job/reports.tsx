import { useState } from "react";
import type { JobView, ReportView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { fileSize } from "../../parts/numbers.js";
import { useNow, wholeTime } from "../../parts/times.js";
import { DownloadButton } from "./download-button.js";
import { ReportPreview } from "./report-preview.js";

/** The files that the job made. */
export function Reports({ job }: { readonly job: JobView }) {
  const [previewed, setPreviewed] = useState<string | null>(null);
  if (job.reports.length === 0) return null;
  const report = job.reports.find(({ name }) => name === previewed);
  return (
    <section className="card" aria-labelledby="reports">
      <h2 id="reports">Reports</h2>
      <ul className="reports">
        {job.reports.map((each) => (
          <Report key={each.name} job={job} report={each} isPreviewed={each === report} onPreview={setPreviewed} />
        ))}
      </ul>
      {report && <ReportPreview key={report.name} job={job} report={report} onClose={() => setPreviewed(null)} />}
    </section>
  );
}

interface Props {
  readonly job: JobView;
  readonly report: ReportView;
  readonly isPreviewed: boolean;
  readonly onPreview: (name: string | null) => void;
}

function Report({ job, report, isPreviewed, onPreview }: Props) {
  const { name, sizeBytes, expiresAt } = report;
  const isOver = useNow(60_000) > Date.parse(expiresAt ?? "9999-01-01");
  return (
    <li>
      <div>
        <b>{name}</b>
        <p className="quiet">
          {kindOf(report)}, {fileSize(sizeBytes)}
          {expiresAt && (
            <>
              , {isOver ? "was kept until " : "kept until "}
              <time dateTime={expiresAt}>{wholeTime(expiresAt)}</time>
            </>
          )}
        </p>
      </div>
      {!isOver && (
        <div className="actions">
          <DownloadButton job={job} report={report} />
          {hasPreview(report) && (
            <Button aria-expanded={isPreviewed} onClick={() => onPreview(isPreviewed ? null : name)}>
              Preview <span className="unseen">{name}</span>
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  xlsx: "Excel workbook",
  csv: "CSV",
  json: "JSON",
  parquet: "Parquet",
  zip: "ZIP archive",
};

function kindOf({ name, contentType }: ReportView): string {
  return KINDS[extension(name)] ?? contentType;
}

/** What the API can show the first rows of. */
function hasPreview({ name }: ReportView): boolean {
  return ["xlsx", "csv"].includes(extension(name));
}

function extension(name: string): string {
  return name.split(".").at(-1)?.toLowerCase() ?? "";
}
