import { useId } from "react";
import type { Json } from "../../api/views.js";
import { RequiredMark } from "../file-drop.js";
import { count } from "../numbers.js";
import type { Field } from "./fields.js";
import { FieldNotes } from "../field-notes.js";

interface Props {
  readonly field: Field;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
  /** Values that are there already, to choose from. */
  readonly suggestions?: readonly string[];
}

interface InputProps extends Omit<Props, "error"> {
  readonly shared: {
    readonly id: string;
    readonly "aria-required": true | undefined;
    readonly "aria-invalid": true | undefined;
    readonly "aria-describedby": string | undefined;
  };
}

const NONE: readonly string[] = [];

/** One value of the parameters: its name, what it is typed into, what it means and what is wrong with it. */
export function FieldInput({ field, error, ...rest }: Props) {
  const id = useId();
  const hint = hintOf(field);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const shared = {
    id,
    "aria-required": field.isRequired || undefined,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": described || undefined,
  } as const;
  const isCheck = field.kind === "boolean";
  return (
    <div className={isCheck ? "field check" : "field"}>
      <div className="name">
        <label htmlFor={id}>{field.label}</label>
        {field.isRequired && !isCheck && <RequiredMark />}
      </div>
      <Input field={field} shared={shared} {...rest} />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

function Input({ field, value, onChange, suggestions = NONE, shared }: InputProps) {
  const typed = { ...shared, value, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
  switch (field.kind) {
    case "boolean":
      return (
        <input
          {...shared}
          type="checkbox"
          checked={value === "" ? field.preset === true : value === "true"}
          onChange={(event) => onChange(String(event.target.checked))}
        />
      );
    case "choice":
      return <Choice field={field} typed={typed} />;
    case "list":
      return <textarea {...typed} rows={3} spellCheck={false} />;
    case "json":
      return <textarea {...typed} rows={6} spellCheck={false} placeholder={field.isRequired ? "[ … ]" : undefined} />;
    case "number":
    case "integer":
      return <input {...typed} inputMode={field.kind === "integer" ? "numeric" : "decimal"} autoComplete="off" />;
    default:
      return (
        <>
          <input {...typed} list={suggestions.length ? `${shared.id}-known` : undefined} autoComplete="off" />
          {suggestions.length > 0 && (
            <datalist id={`${shared.id}-known`}>
              {suggestions.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          )}
        </>
      );
  }
}

interface ChoiceProps {
  readonly field: Field;
  readonly typed: InputProps["shared"] & {
    readonly value: string;
    readonly onChange: (event: { target: { value: string } }) => void;
  };
}

function Choice({ field: { options, preset, isRequired }, typed }: ChoiceProps) {
  const empty = preset !== undefined ? `${nameOf(preset)} (default)` : isRequired ? "Choose one" : "Not set";
  return (
    <select {...typed}>
      <option value="">{empty}</option>
      {options
        .filter((option) => JSON.stringify(option) !== JSON.stringify(preset) || typed.value === JSON.stringify(option))
        .map((option) => (
          <option key={JSON.stringify(option)} value={JSON.stringify(option)}>
            {nameOf(option)}
          </option>
        ))}
    </select>
  );
}

function nameOf(option: Json): string {
  if (option === "\t") return "tab";
  return typeof option === "string" ? option : JSON.stringify(option);
}

function hintOf({ kind, hint, preset }: Field): string | null {
  const kinds: Partial<Record<Field["kind"], string>> = { list: "One in each line.", json: "As JSON." };
  const isTold = preset !== undefined && kind !== "choice" && kind !== "boolean" && !Array.isArray(preset);
  const sentences = [
    hint && `${hint.replace(/\.$/, "")}.`,
    kinds[kind],
    isTold && `Default: ${typeof preset === "number" ? count(preset) : String(preset)}.`,
  ];
  return sentences.filter(Boolean).join(" ") || null;
}
