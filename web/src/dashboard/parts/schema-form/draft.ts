import { isObject, type FieldError } from "../../../client/errors.js";
import type { Json } from "../../api/views.js";
import type { Field } from "./fields.js";

/** What is typed, by the paths of fields; a field that is not there, or empty, is not set. */
export type Draft = Readonly<Record<string, string>>;
export type Params = Readonly<Record<string, Json>>;

export interface Reading {
  readonly params: Params;
  /** `field` is its path, as `csv.delimiter`. */
  readonly errors: readonly FieldError[];
}

/** The parameters that are typed. What is not set is left out. */
export function paramsOf(fields: readonly Field[], draft: Draft): Reading {
  const params: Record<string, Json> = {};
  const errors: FieldError[] = [];
  for (const field of fields) {
    if (field.kind === "object") {
      const inner = paramsOf(field.fields, draft);
      const isGiven = field.fields.some((each) => isTyped(each, draft));
      if (!isGiven && !field.isRequired) continue;
      params[field.name] = inner.params;
      errors.push(...inner.errors);
      continue;
    }
    try {
      const value = valueOf(field, draft[field.path] ?? "");
      if (value !== undefined) params[field.name] = value;
      else if (field.isRequired) throw new Unreadable(`Give ${field.kind === "choice" ? "one" : "a value"}.`);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      errors.push({ field: field.path, message: error.message });
    }
  }
  return { params, errors };
}

/** The parameters as they would be typed; null where the fields cannot say them. */
export function draftOf(fields: readonly Field[], params: unknown): Draft | null {
  if (!isObject(params)) return null;
  const draft: Record<string, string> = {};
  const known = new Map(fields.map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(params)) {
    const field = known.get(name);
    if (!field) return null;
    if (value === null && field.preset === undefined) continue;
    if (field.kind === "object") {
      const inner = draftOf(field.fields, value);
      if (inner === null) return null;
      Object.assign(draft, inner);
      continue;
    }
    const text = textOf(field, value as Json);
    if (text === null) return null;
    draft[field.path] = text;
  }
  return draft;
}

/** JSON that is typed, as parameters. Throws Unreadable. */
export function parseParams(text: string): Params {
  const value = parseJson(text.trim() === "" ? "{}" : text);
  if (!isObject(value)) throw new Unreadable("This is JSON, but no object: it begins with { and ends with }.");
  return value as Params;
}

/** What is typed is no value of its field; its message is a sentence for who typed it. */
export class Unreadable extends Error {}

function isTyped(field: Field, draft: Draft): boolean {
  return field.kind === "object"
    ? field.fields.some((each) => isTyped(each, draft))
    : Boolean(draft[field.path]?.trim());
}

function valueOf({ kind, options, isRequired }: Field, typed: string): Json | undefined {
  if (kind === "const") return isRequired ? options[0] : undefined;
  const text = typed.trim();
  if (text === "") return undefined;
  switch (kind) {
    case "boolean":
      return text === "true";
    case "choice":
      return options.find((option) => JSON.stringify(option) === text);
    case "number":
    case "integer":
      return numberOf(text, kind);
    case "list":
      return text.split("\n").flatMap((line) => line.trim() || []);
    case "json":
      return parseJson(text);
    default:
      return text;
  }
}

function numberOf(text: string, kind: "number" | "integer"): number {
  const value = Number(text.replaceAll(/[\s_]/g, ""));
  if (!Number.isFinite(value)) throw new Unreadable("This is no number. Write it like 1200 or 0.5.");
  if (kind === "integer" && !Number.isSafeInteger(value)) throw new Unreadable("This must be a whole number.");
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Unreadable(`This is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
  }
}

function textOf({ kind, options }: Field, value: Json): string | null {
  if (kind === "json") return JSON.stringify(value, null, 2);
  if (kind === "choice" || kind === "const") {
    const text = JSON.stringify(value);
    return options.some((option) => JSON.stringify(option) === text) ? text : null;
  }
  if (kind === "list") {
    const isPlain =
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((each) => typeof each === "string" && each !== "" && each === each.trim() && !each.includes("\n"));
    return isPlain ? value.join("\n") : null;
  }
  if (kind === "text") return typeof value === "string" && value !== "" && value === value.trim() ? value : null;
  if (kind === "boolean") return typeof value === "boolean" ? String(value) : null;
  return typeof value === "number" ? String(value) : null;
}
