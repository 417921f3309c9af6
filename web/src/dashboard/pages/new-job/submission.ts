import type { FieldError } from "../../../client/errors.js";
import type { Params } from "../../parts/schema-form/draft.js";
import type { Field } from "../../parts/schema-form/fields.js";
import { fieldsOf } from "../../parts/schema-form/fields.js";
import type { JobTypeView } from "../../api/views.js";
import { datasetNameProblem } from "./dataset-name.js";

/** Where a type's parameters name the file that it works on. */
export const UPLOAD = "uploadId";

/** Whether jobs of the type work on an uploaded file. */
export function takesFile({ schema }: JobTypeView): boolean {
  return fieldsOf(schema).some(({ name }) => name === UPLOAD);
}

/** A type's parameters but for its file, which is chosen and not typed. */
export function typedFields({ type, schema }: JobTypeView): readonly Field[] {
  return (
    fieldsOf(schema)
      .filter(({ name }) => name !== UPLOAD)
      // Corrected rows have a form of their own, with the file alone; of any other import the dataset must be named.
      .filter(({ name }) => type !== "Import" || name !== "continues")
      .map((field) => (type === "Import" && field.name === "dataset" ? { ...field, isRequired: true } : field))
  );
}

/** What can be told to be wrong before anything is sent. */
export function ownErrors(fields: readonly Field[], params: Params): FieldError[] {
  const { dataset } = params;
  if (!fields.some(({ name }) => name === "dataset") || typeof dataset !== "string") return [];
  const message = datasetNameProblem(dataset);
  return message === null ? [] : [{ field: "dataset", message }];
}

/** The API's errors of `params.dataset` and the like, by the paths of the form; those of other fields are left out. */
export function paramsErrors(errors: readonly FieldError[]): FieldError[] {
  return errors.flatMap(({ field, message }) => {
    if (field === "params") return { field: "", message };
    return field.startsWith("params.") ? { field: field.slice("params.".length), message } : [];
  });
}

/** Types in the order that people ask for them. */
const ORDER = ["Import", "Export", "Validation", "Analysis", "TestRun"];

export function inOrder(types: readonly JobTypeView[]): readonly JobTypeView[] {
  const first = ORDER.flatMap((name) => types.filter(({ type }) => type === name));
  return [...first, ...types.filter(({ type }) => !ORDER.includes(type))];
}

/** Idempotency-Keys: the same for repeats of one request, so that an answer that was lost makes no second job. */
export class RequestKeys {
  #last: { readonly body: string; readonly key: string } | null = null;

  of(request: unknown): string {
    const body = JSON.stringify(request);
    if (this.#last?.body !== body) this.#last = { body, key: randomId() };
    return this.#last.key;
  }
}

/** `crypto.randomUUID` is only there where the page came by TLS or from this machine. */
function randomId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
