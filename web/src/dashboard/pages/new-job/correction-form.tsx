import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "wouter";
import { job as jobQuery } from "../../api/queries.js";
import { useMayWrite } from "../../layout/project.js";
import { Button } from "../../parts/button.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { UploadField } from "../../parts/upload/upload-field.js";
import { useFocusOnError } from "../../parts/schema-form/use-focus-on-error.js";
import { useOrder } from "./use-order.js";

/** Corrected rows of an import come back: only their file is asked for. */
export function CorrectionForm({ jobId }: { readonly jobId: string }) {
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  const mayWrite = useMayWrite(job?.projectId ?? null);
  if (!job && error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!job) return <Loading what="the import" />;
  if (!mayWrite) return <EmptyNote title={`You may only read the project ${job.projectName}.`} />;
  if (job.type !== "Import" || job.status !== "Completed") {
    return (
      <EmptyNote title="Corrected rows can be sent back to an import that has completed.">
        <Link href={`/jobs/${job.id}`}>Look at the job</Link>
      </EmptyNote>
    );
  }
  return <Correction jobId={job.id} projectId={job.projectId} projectName={job.projectName} dataset={datasetOf(job)} />;
}

interface Props {
  readonly jobId: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly dataset: string;
}

function Correction({ jobId, projectId, projectName, dataset }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [fileError, setFileError] = useState<string | null>(null);
  const order = useOrder();
  const element = useFocusOnError(fileError ? [{ field: "file", message: fileError }] : []);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (order.isBusy) return;
    order.reset();
    setFileError(file ? null : "Choose the corrected workbook first.");
    if (file) order.send({ type: "Import", projectId, params: { continues: jobId }, file });
  }
  return (
    <form ref={element} className="new-job" onSubmit={submit} noValidate>
      <section className="card" aria-label="The corrected rows">
        <p>
          The corrected rows join the dataset <b>{dataset}</b> of {projectName}, by the rules of{" "}
          <Link href={`/jobs/${jobId}`}>the import that rejected them</Link>. Rows that are in already never go in
          twice; what is still wrong comes back in an errors.xlsx of its own.
        </p>
        <UploadField
          label="Corrected errors.xlsx"
          hint="The workbook of that import, its cells corrected. Leave its hidden first column as it is."
          file={file}
          onFile={setFile}
          uploader={order.uploader}
          error={fileError}
        />
      </section>
      <ProblemNote error={order.error} />
      <div className="actions">
        <Button type="submit" kind="primary" isBusy={order.isBusy}>
          Upload and send back
        </Button>
      </div>
    </form>
  );
}

function datasetOf({ result }: { readonly result?: unknown }): string {
  const dataset = (result as { readonly dataset?: unknown } | null | undefined)?.dataset;
  return typeof dataset === "string" ? dataset : "of that import";
}
