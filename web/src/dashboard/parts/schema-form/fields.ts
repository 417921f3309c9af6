import { isObject } from "../../../client/errors.js";
import type { Json } from "../../api/views.js";
import { inWords } from "../words.js";

export type Kind = "text" | "number" | "integer" | "boolean" | "choice" | "const" | "list" | "object" | "json";

/** One field of a form, made of a property of a JSON Schema. */
export interface Field {
  /** Its place in the parameters: `csv.delimiter`. */
  readonly path: string;
  readonly name: string;
  readonly label: string;
  readonly hint: string | null;
  readonly isRequired: boolean;
  /** `list` is one of texts; `json` is what no simpler kind can hold. */
  readonly kind: Kind;
  /** What counts where nothing is sent; absent where that is nothing. */
  readonly preset?: Json;
  /** The values of a choice; of a constant the only one. */
  readonly options: readonly Json[];
  /** Those of an object. */
  readonly fields: readonly Field[];
}

type Schema = Readonly<Record<string, unknown>>;

/** Objects in objects become forms as deep as this; below, JSON is typed. */
const DEEPEST = 2;
/** A schema may name itself; deeper than this nothing is a form anyway. */
const MOST_REFS = 20;

/** The fields of a JSON Schema (2020-12) of an object; none where it is something else. */
export function fieldsOf(schema: unknown): readonly Field[] {
  return isObject(schema) ? propertiesOf(resolved(schema, schema), schema, "", 0) : [];
}

function propertiesOf(schema: Schema, root: Schema, prefix: string, depth: number): Field[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, isObject(property) ? property : {}, root, prefix, required.includes(name), depth),
  );
}

function fieldOf(
  name: string,
  property: Schema,
  root: Schema,
  prefix: string,
  isRequired: boolean,
  depth: number,
): Field {
  const schema = resolved(property, root);
  const path = prefix + name;
  const fields =
    schema["type"] === "object" && depth < DEEPEST ? propertiesOf(schema, root, `${path}.`, depth + 1) : [];
  const kind = kindOf(schema, fields, isRequired);
  const preset = schema["default"] as Json | undefined;
  return {
    path,
    name,
    label: inWords(name),
    hint: typeof schema["description"] === "string" ? schema["description"] : null,
    isRequired,
    kind,
    ...(preset === undefined || preset === null || isObject(preset) ? {} : { preset }),
    options: kind === "const" ? [schema["const"] as Json] : kind === "choice" ? (schema["enum"] as Json[]) : [],
    fields: kind === "object" ? fields : [],
  };
}

function kindOf(schema: Schema, fields: readonly Field[], isRequired: boolean): Kind {
  if ("const" in schema) return "const";
  if (Array.isArray(schema["enum"])) return "choice";
  const { type } = schema;
  if (type === "string") return "text";
  if (type === "number" || type === "integer" || type === "boolean") return type;
  if (type === "array") return isObject(schema["items"]) && schema["items"]["type"] === "string" ? "list" : "json";
  // An object that may be left out is a form if it is a plain one: else what is required in it would be in the way.
  const isForm = fields.length > 0 && !isObject(schema["additionalProperties"]);
  return isForm && (isRequired || fields.every(({ kind }) => kind !== "json" && kind !== "object")) ? "object" : "json";
}

/** The schema that one stands for: its reference followed, null as one of two choices taken away. */
function resolved(schema: Schema, root: Schema, refs = 0): Schema {
  if (refs > MOST_REFS) return {};
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  if (typeof $ref === "string") return { ...resolved(lookUp($ref, root), root, refs + 1), ...own };
  const choices = [anyOf, oneOf, allOf].find(Array.isArray)?.filter(isObject);
  const kinds = choices?.filter((each) => each["type"] !== "null");
  if (kinds?.length === 1 && kinds[0]) return { ...resolved(kinds[0], root, refs + 1), ...own };
  return choices ? own : schema;
}

function lookUp(ref: string, root: Schema): Schema {
  let found: unknown = root;
  for (const name of ref.replace(/^#\/?/, "").split("/")) {
    found = isObject(found) ? found[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return isObject(found) ? found : {};
}
