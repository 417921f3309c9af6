import { useId, useState, type ReactNode } from "react";
import type { FieldError } from "../../../client/errors.js";
import { Button } from "../button.js";
import { FieldInput } from "./field-input.js";
import type { Field } from "./fields.js";
import type { ParamsForm } from "./use-params-form.js";

interface Props {
  readonly form: ParamsForm;
  /** What is wrong, each with the path of its field; `""` is the whole. */
  readonly errors: readonly FieldError[];
  /** Values to choose from, by the paths of their fields. */
  readonly suggestions?: Readonly<Record<string, readonly string[]>>;
}

const NONE = {};

/** A type's parameters: those that most people need, the others folded, or all as JSON. */
export function ParamsFields({ form, errors, suggestions = NONE }: Props) {
  if (form.text !== null) return <TextOf form={form} errors={errors} />;
  const shown = form.fields.filter((field) => field.kind !== "const");
  const first = shown.filter(isFirst);
  const further = shown.filter((field) => !isFirst(field));
  const list = (fields: readonly Field[]) => (
    <FieldList fields={fields} form={form} errors={errors} suggestions={suggestions} />
  );
  return (
    <div className="params">
      {list(first)}
      {further.length > 0 && (
        <Further count={further.length} isNeeded={further.some((field) => hasError(field, errors))}>
          {list(further)}
        </Further>
      )}
      <Button onClick={() => form.editAsJson(true)}>Edit as JSON</Button>
    </div>
  );
}

function FieldList({ fields, form, errors, suggestions = NONE }: Props & { readonly fields: readonly Field[] }) {
  return fields.map((field) =>
    field.kind === "object" ? (
      <fieldset key={field.path} className="params">
        <legend>{field.label}</legend>
        {field.hint && <p className="hint">{field.hint}.</p>}
        <FieldList fields={field.fields} form={form} errors={errors} suggestions={suggestions} />
      </fieldset>
    ) : (
      <FieldInput
        key={field.path}
        field={field}
        value={form.draft[field.path] ?? ""}
        onChange={(value) => form.set(field.path, value)}
        error={errorOf(field, errors)}
        suggestions={suggestions[field.path] ?? []}
      />
    ),
  );
}

function Further({
  count,
  isNeeded,
  children,
}: {
  readonly count: number;
  readonly isNeeded: boolean;
  readonly children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen || isNeeded} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>More parameters ({count})</summary>
      <div className="params">{children}</div>
    </details>
  );
}

function TextOf({ form, errors }: Props) {
  const id = useId();
  const message = form.textError ?? errors.find(({ field }) => field === "")?.message ?? null;
  const others = errors.filter(({ field }) => field !== "");
  return (
    <div className="params">
      <div className="field">
        <label htmlFor={id}>Parameters as JSON</label>
        <textarea
          id={id}
          rows={14}
          spellCheck={false}
          value={form.text ?? ""}
          onChange={(event) => form.setText(event.target.value)}
          aria-invalid={message || others.length ? true : undefined}
          aria-describedby={`${id}-errors`}
        />
        <div id={`${id}-errors`} className="field-error">
          {message && <p>{message}</p>}
          {others.map(({ field, message: each }) => (
            <p key={field + each}>
              <b>{field}</b>: {each}
            </p>
          ))}
        </div>
      </div>
      <Button onClick={() => form.editAsJson(false)}>Edit by fields</Button>
    </div>
  );
}

function isFirst({ isRequired, kind, name }: Field): boolean {
  return isRequired || kind === "choice" || name === "dataset";
}

function hasError(field: Field, errors: readonly FieldError[]): boolean {
  return errors.some((error) => error.field === field.path || error.field.startsWith(`${field.path}.`));
}

/** What is wrong with a field; of what lies in a value of JSON, with its place in there. */
function errorOf({ path }: Field, errors: readonly FieldError[]): string | null {
  const messages = errors.flatMap(({ field, message }) =>
    field === path ? message : field.startsWith(`${path}.`) ? `${field.slice(path.length + 1)}: ${message}` : [],
  );
  return messages.join(" ") || null;
}

/** The errors that no field of these can show. */
export function errorsElsewhere(fields: readonly Field[], errors: readonly FieldError[]): readonly FieldError[] {
  return errors.filter((error) => !fields.some((field) => field.kind !== "const" && hasError(field, [error])));
}
