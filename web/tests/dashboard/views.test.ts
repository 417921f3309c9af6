import { describe, expect, test } from "vitest";
import document from "../../../docs/openapi.json" with { type: "json" };
// oxlint-disable-next-line import/default -- its text, which Vite gives
import source from "../../src/dashboard/api/views.ts?raw";

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

const schemas = document.components.schemas as unknown as Readonly<Record<string, Schema>>;
const interfaces = readInterfaces(source);

/** Each interface's fields, with `?` behind those that may be missing; what it extends is in it. */
function readInterfaces(text: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, name = "", parents = "", body = ""] of text.matchAll(
    /interface (\w+)(?: extends ([\w, ]+))? \{\n(.*?)\n\}/gs,
  )) {
    const own = [...body.matchAll(/^ {2}readonly (\w+\??):/gm)].map(([, field = ""]) => field);
    const inherited = parents.split(", ").flatMap((parent) => found.get(parent) ?? []);
    found.set(name, [...inherited, ...own]);
  }
  return found;
}

describe("the dashboard's views are the API's", () => {
  const views = [...interfaces.keys()].filter((name) => name.endsWith("View"));

  test("all of them are read here", () => {
    expect(views.length).toBeGreaterThan(20);
    expect(interfaces.get("JobView")).toContain("errorCode?");
  });

  test.each(views)("%s", (name) => {
    const schema = schemas[name];
    const required = new Set(schema?.required);
    const told = Object.keys(schema?.properties ?? {}).map((field) => (required.has(field) ? field : `${field}?`));
    // A view may read less than there is; what it reads is there, and what it counts on is required.
    expect(told).toEqual(expect.arrayContaining(interfaces.get(name) as string[]));
  });
});
