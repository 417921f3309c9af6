import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { JobmillError } from "../../../client/errors.js";
import { preview } from "../../api/queries.js";
import type { Cell, JobView, PreviewView, ReportView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { DataTable } from "../../parts/data-table.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { count } from "../../parts/numbers.js";
import { shortText } from "./values.js";

interface Props {
  readonly job: Pick<JobView, "id">;
  readonly report: Pick<ReportView, "name">;
  readonly onClose: () => void;
}

/** The first rows of a report, in the page. */
export function ReportPreview({ job, report, onClose }: Props) {
  const { data, error, refetch } = useQuery(preview(job.id, report.name));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section
      className="part preview"
      aria-labelledby="preview"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="part-head">
        <h3 id="preview" ref={heading} tabIndex={-1}>
          Preview of {report.name}
        </h3>
        <Button onClick={onClose}>Close preview</Button>
      </div>
      {data ? (
        <Shown preview={data} />
      ) : error ? (
        <Refused error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading what="the preview" />
      )}
    </section>
  );
}

function Shown({ preview: { sheet, columns, rows, more } }: { readonly preview: PreviewView }) {
  if (rows.length === 0) return <EmptyNote title="It has no rows." />;
  const number = rows.length === 1 ? "row" : `${count(rows.length)} rows`;
  return (
    <>
      <p className="quiet">
        {sheet && `Sheet ${sheet}. `}
        {more ? `The first ${number}; the file has more.` : `All of it: ${number === "row" ? "one row" : number}.`}
      </p>
      <DataTable
        caption="First rows"
        columns={columns.map((name, place) => ({ name, isNumber: isNumeric(rows, place) }))}
        rows={rows.map((row) => row.map((cell) => (cell === null ? "" : shortText(cell))))}
      />
    </>
  );
}

function Refused({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (error instanceof JobmillError && error.code === "no-preview") {
    return <EmptyNote title="There is no preview of files of this kind.">{error.detail}</EmptyNote>;
  }
  return <ProblemNote error={error} onRetry={onRetry} />;
}

function isNumeric(rows: readonly (readonly Cell[])[], place: number): boolean {
  return rows.every((row) => typeof (row[place] ?? 0) === "number");
}
