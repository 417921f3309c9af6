import { Link } from "wouter";
import type { Json, JobView } from "../../api/views.js";
import { DataTable } from "../../parts/data-table.js";
import { count } from "../../parts/numbers.js";
import { DownloadButton } from "./download-button.js";
import { isJsonObject, isRows, shortText, type JsonObject } from "./values.js";

interface Props {
  readonly job: JobView;
  readonly mayWrite: boolean;
}

/** The rows that an import could not take, each with its reason, and how they come back; nothing where all were taken. */
export function ImportErrors({ job, mayWrite }: Props) {
  const errors = errorsOf(job);
  const workbook = job.reports.find(({ name }) => name.endsWith("errors.xlsx"));
  if (!errors) return null;
  return (
    <section className="card" aria-labelledby="import-errors">
      <h2 id="import-errors">
        {errors.count === 1 ? "1 row was not taken" : `${count(errors.count)} rows were not taken`}
      </h2>
      {errors.first.length > 0 && (
        <DataTable
          caption="Rows that were not taken"
          columns={[{ name: "Row", isNumber: true }, { name: "Column" }, { name: "What is wrong" }, { name: "Code" }]}
          rows={errors.first.map(({ row, field, message, code }) => [
            shortText(row),
            shortText(field),
            shortText(message),
            <code key="code">{shortText(code)}</code>,
          ])}
        />
      )}
      {errors.first.length < errors.count && (
        <p className="quiet">The first errors are shown. All are in the workbook.</p>
      )}
      {workbook && (
        <>
          <h3>Correct and send back</h3>
          <ol className="steps">
            <li>
              <DownloadButton job={job} report={workbook} kind="primary" />
            </li>
            <li>Correct the coloured cells. Leave the hidden first column as it is.</li>
            <li>{mayWrite ? <SendBack job={job} /> : "A writer of the project can send it back."}</li>
          </ol>
        </>
      )}
    </section>
  );
}

function SendBack({ job }: { readonly job: JobView }) {
  const project = encodeURIComponent(job.projectId);
  return (
    <Link href={`/new?type=Import&project=${project}&continues=${encodeURIComponent(job.id)}`}>
      Send corrected rows
    </Link>
  );
}

/** What a completed import says of its bad rows; null where there are none. */
export function errorsOf(job: Pick<JobView, "type" | "status" | "result">): {
  readonly count: number;
  readonly first: readonly JsonObject[];
} | null {
  const result: Json | undefined = job.result;
  if (job.type !== "Import" || job.status !== "Completed" || !isJsonObject(result)) return null;
  const { errors, firstErrors } = result;
  if (typeof errors !== "number" || errors === 0) return null;
  return { count: errors, first: isRows(firstErrors) ? firstErrors : [] };
}
