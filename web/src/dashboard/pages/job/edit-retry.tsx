import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { JobmillError, type FieldError } from "../../../client/errors.js";
import { job as jobQuery, jobTypes } from "../../api/queries.js";
import { post } from "../../api/request.js";
import type { JobView, Json } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ProblemNote } from "../../parts/notes.js";
import type { Params } from "../../parts/schema-form/draft.js";
import { fieldsOf } from "../../parts/schema-form/fields.js";
import { ParamsFields } from "../../parts/schema-form/params-fields.js";
import { useFocusOnError } from "../../parts/schema-form/use-focus-on-error.js";
import { useParamsForm } from "../../parts/schema-form/use-params-form.js";
import { withoutShown } from "../../parts/schema-form/without-shown.js";
import { UploadField } from "../../parts/upload/upload-field.js";
import { useUpload } from "../../parts/upload/use-upload.js";
import { paramsErrors, UPLOAD } from "../new-job/submission.js";
import { isJsonObject } from "./values.js";

interface Props {
  readonly job: JobView;
  readonly onDone: () => void;
}

/** A retry with parameters that are edited, and with another file where the job works on one. */
export function EditRetry({ job, onDone }: Props) {
  const schema = useSuspenseQuery(jobTypes).data.find(({ type }) => type === job.type)?.schema ?? null;
  const { [UPLOAD]: before, ...rest } = isJsonObject(job.params) ? job.params : {};
  const fields = useMemo(() => fieldsOf(schema).filter(({ name }) => name !== UPLOAD), [schema]);
  const form = useParamsForm(job.type, fields, rest);
  const [file, setFile] = useState<File | null>(null);
  const [own, setOwn] = useState<readonly FieldError[]>([]);
  const uploader = useUpload();
  const retry = useRetry(job.id, onDone);
  const [isBusy, setBusy] = useState(false);
  const told = retry.error instanceof JobmillError ? paramsErrors(retry.error.errors) : [];
  const errors = own.length > 0 ? own : told;
  const element = useFocusOnError(errors);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy) return;
    const { params, errors: wrong } = form.read();
    setOwn(wrong);
    if (wrong.length > 0) return;
    setBusy(true);
    try {
      const uploadId = file ? await uploader.upload(file, job.projectId) : before;
      await retry.mutateAsync(uploadId === undefined ? params : { ...params, [UPLOAD]: uploadId });
    } catch (error) {
      // The upload's field, or the note, tells of it.
      if (error instanceof JobmillError && error.code === "upload-not-found") uploader.forget();
    } finally {
      setBusy(false);
    }
  }
  return (
    <form
      ref={element}
      className="card"
      aria-labelledby="edit-retry"
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h2 id="edit-retry" ref={heading} tabIndex={-1}>
        Retry with edited parameters
      </h2>
      {before !== undefined && (
        <UploadField
          label="Another file"
          hint="Without one the job works on the file of before."
          isOptional
          file={file}
          onFile={setFile}
          uploader={uploader}
          error={null}
        />
      )}
      <ParamsFields form={form} errors={errors} />
      <ProblemNote error={withoutShown(retry.error, form)} />
      <div className="actions">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Retry with these parameters
        </Button>
        <Button onClick={onDone}>Not now</Button>
      </div>
    </form>
  );
}

function useRetry(id: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (params: Params) => post<Json>(`api/jobs/${encodeURIComponent(id)}/retry`, { params }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: jobQuery(id).queryKey });
      onDone();
    },
  });
}
