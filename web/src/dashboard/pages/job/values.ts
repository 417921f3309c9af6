import type { Json } from "../../api/views.js";

export type JsonObject = Readonly<Record<string, Json>>;

/** A result, or parameters, in the parts that a page shows. */
export interface Parts {
  /** What is one line each. */
  readonly simple: readonly (readonly [name: string, value: string])[];
  /** Objects with a table of their own. */
  readonly objects: readonly (readonly [name: string, value: JsonObject])[];
  /** Lists of objects. */
  readonly tables: readonly (readonly [name: string, rows: readonly JsonObject[]])[];
}

/** Of numbers as a person reads them; nothing that JSON tells is rounded away. */
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 15 });

export function partsOf(value: JsonObject): Parts {
  const simple: [string, string][] = [];
  const objects: [string, JsonObject][] = [];
  const tables: [string, readonly JsonObject[]][] = [];
  for (const [name, each] of Object.entries(value)) {
    if (isRows(each)) tables.push([name, each]);
    else if (isJsonObject(each) && Object.keys(each).length > 0) objects.push([name, each]);
    else simple.push([name, shortText(each)]);
  }
  return { simple, objects, tables };
}

/** The columns of rows, in the order in which they come up. */
export function columnsOf(rows: readonly JsonObject[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** Whether all values that the rows have there are numbers. */
export function isNumeric(rows: readonly JsonObject[], column: string): boolean {
  return rows.every((row) => typeof (row[column] ?? 0) === "number") && rows.some((row) => column in row);
}

/** A value in a line: `1,200`, `yes`, `a, b`. */
export function shortText(value: Json | undefined): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "number") return NUMBER.format(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  if (value.length === 0) return "none";
  return value.every((each) => typeof each !== "object") ? value.map(shortText).join(", ") : JSON.stringify(value);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isRows(value: Json | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
}
