import { JobmillError } from "../../../client/errors.js";
import { errorsElsewhere } from "./params-fields.js";
import type { ParamsForm } from "./use-params-form.js";

/** An error without those of its field errors that stand at their fields already. */
export function withoutShown(error: unknown, form: ParamsForm): unknown {
  if (!(error instanceof JobmillError) || error.errors.length === 0) return error;
  const others = error.errors.filter(({ field, message }) => {
    if (!field.startsWith("params.") && field !== "params") return true;
    const path = field.slice("params.".length);
    return form.text === null && errorsElsewhere(form.fields, [{ field: path, message }]).length > 0;
  });
  return new JobmillError(error.code, error.status, error.detail, { errors: others, cause: error });
}
