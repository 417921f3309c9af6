import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import type { FieldError } from "../../../client/errors.js";
import { datasets, jobTypes } from "../../api/queries.js";
import type { MembershipView } from "../../api/views.js";
import { useFilter } from "../../layout/location.js";
import { Button } from "../../parts/button.js";
import { EmptyNote, ProblemNote } from "../../parts/notes.js";
import { ParamsFields } from "../../parts/schema-form/params-fields.js";
import { useParamsForm } from "../../parts/schema-form/use-params-form.js";
import { UploadField } from "../../parts/upload/upload-field.js";
import { datasetName } from "./dataset-name.js";
import { ProjectChoice } from "./project-choice.js";
import { inOrder, ownErrors, takesFile, typedFields } from "./submission.js";
import { TypeChoice } from "./type-choice.js";
import { useFocusOnError } from "../../parts/schema-form/use-focus-on-error.js";
import { useOrder } from "./use-order.js";
import { withoutShown } from "../../parts/schema-form/without-shown.js";

interface Props {
  /** Those that the person may write. */
  readonly projects: readonly MembershipView[];
  /** Of those; null where one has to be chosen first. */
  readonly projectId: string | null;
  readonly onProject: (id: string) => void;
}

/** What job is wanted, of which project, with which file and parameters. */
export function OrderForm({ projects, projectId, onProject }: Props) {
  const [words, changeWords] = useFilter();
  const types = inOrder(useSuspenseQuery(jobTypes).data);
  const type = types.find((each) => each.type === words.get("type")) ?? types[0];
  const fields = useMemo(() => (type ? typedFields(type) : []), [type]);
  const form = useParamsForm(type?.type ?? "", fields);
  const known = useQuery({ ...datasets(projectId ?? ""), enabled: projectId !== null });
  const { file, fileHint, chooseFile } = useFile((name) => form.suggest("dataset", name));
  const order = useOrder();
  const [own, setOwn] = useState<readonly FieldError[]>([]);
  const errors = own.length > 0 ? own : order.errors;
  const element = useFocusOnError(errors);
  if (!type) return <EmptyNote title="There is no type of job that can be submitted here." />;
  const needsFile = takesFile(type);
  const isOpen = projectId !== null && !order.isBusy;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!type || !projectId || order.isBusy) return;
    const { params, errors: unread } = form.read();
    const noFile = needsFile && !file ? [{ field: "file", message: "Choose the file first." }] : [];
    const wrong = [...noFile, ...unread, ...ownErrors(fields, params)];
    order.reset();
    setOwn(wrong);
    if (wrong.length === 0) order.send({ type: type.type, projectId, params, file: needsFile ? file : null });
  }
  function chooseType(name: string) {
    setOwn([]);
    order.reset();
    changeWords({ type: name });
  }
  return (
    <form ref={element} className="new-job" onSubmit={submit} noValidate>
      <section className="card" aria-label="What is to be done">
        <ProjectChoice projects={projects} chosen={projectId} onChoose={onProject} isDisabled={order.isBusy} />
        <TypeChoice types={types} chosen={type.type} onChoose={chooseType} />
      </section>
      {needsFile && (
        <section className="card" aria-label="The file">
          <UploadField
            label="File"
            hint={fileHint}
            file={file}
            onFile={chooseFile}
            uploader={order.uploader}
            error={own.find(({ field }) => field === "file")?.message ?? null}
          />
        </section>
      )}
      <section className="card" aria-labelledby="params-title">
        <h2 id="params-title">Parameters</h2>
        <ParamsFields
          form={form}
          errors={errors.filter(({ field }) => field !== "file")}
          suggestions={{ dataset: known.data?.map(({ name }) => name) ?? [] }}
        />
      </section>
      <ProblemNote error={withoutShown(order.error, form)} />
      <div className="actions">
        <Button type="submit" kind="primary" isBusy={order.isBusy} disabled={!isOpen && !order.isBusy}>
          {needsFile ? "Upload and start job" : "Start job"}
        </Button>
      </div>
    </form>
  );
}

/** The file that is chosen; it stays when the type changes. A dataset may be called like it. */
function useFile(onName: (dataset: string) => void) {
  const [file, setFile] = useState<File | null>(null);
  return {
    file,
    fileHint: "A CSV file or an Excel workbook. It goes straight to the storage, and stays there for some days.",
    chooseFile: (chosen: File | null) => {
      setFile(chosen);
      if (chosen) onName(datasetName(chosen.name));
    },
  };
}
