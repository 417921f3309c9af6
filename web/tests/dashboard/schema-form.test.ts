import { describe, expect, test } from "vitest";
import { draftOf, paramsOf } from "../../src/dashboard/parts/schema-form/draft.js";
import { fieldsOf, type Field } from "../../src/dashboard/parts/schema-form/fields.js";
import { datasetName, datasetNameProblem } from "../../src/dashboard/pages/new-job/dataset-name.js";
import { paramsErrors, RequestKeys } from "../../src/dashboard/pages/new-job/submission.js";

/** As pydantic writes them: of an import, an export and a test run, shortened. */
const SCHEMA = {
  $defs: {
    CsvForm: {
      properties: {
        delimiter: { anyOf: [{ enum: [",", ";", "\t"], type: "string" }, { type: "null" }], default: null },
        strict: { type: "boolean", default: true },
      },
      type: "object",
    },
    Table: {
      properties: { fields: { type: "array", items: { type: "object" } }, name: { type: "string" } },
      required: ["fields"],
      type: "object",
    },
    Scenario: {
      properties: {
        name: { type: "string" },
        steps: { type: "array", items: { $ref: "#/$defs/Step" } },
        onFailure: { enum: ["continue", "stop"], default: "continue" },
      },
      required: ["name", "steps"],
      type: "object",
    },
    Step: { type: "object", properties: { again: { $ref: "#/$defs/Step" } } },
    Loop: { $ref: "#/$defs/Loop" },
  },
  properties: {
    dataset: { anyOf: [{ type: "string" }, { type: "null" }], default: null, description: "The dataset" },
    mode: { enum: ["replace", "append"], default: "replace" },
    maxErrors: { type: "integer", default: 100 },
    share: { type: "number" },
    csv: { $ref: "#/$defs/CsvForm", default: { delimiter: null }, description: "The form of a CSV file" },
    schema: { anyOf: [{ $ref: "#/$defs/Table" }, { type: "null" }], default: null },
    columns: { anyOf: [{ items: { type: "string" }, type: "array" }, { type: "null" }], default: null },
    key: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "null" }] },
    scenario: { $ref: "#/$defs/Scenario" },
    mapping: { type: "object", additionalProperties: { type: "string" } },
    version: { const: 2 },
    loop: { $ref: "#/$defs/Loop" },
  },
  required: ["scenario", "version"],
  type: "object",
};
const FIELDS = fieldsOf(SCHEMA);
const NEEDED = { "scenario.name": "S", "scenario.steps": "[]" };
const NEEDED_PARAMS = { scenario: { name: "S", steps: [] }, version: 2 };

const field = (name: string) => FIELDS.find((each) => each.name === name);
const kinds = (fields: readonly Field[]) => Object.fromEntries(fields.map(({ path, kind }) => [path, kind]));

describe("the fields of a schema", () => {
  test("have the kind of their property; what no form can hold is JSON", () => {
    expect(kinds(FIELDS)).toEqual({
      dataset: "text",
      mode: "choice",
      maxErrors: "integer",
      share: "number",
      csv: "object",
      schema: "json",
      columns: "list",
      key: "json",
      scenario: "object",
      mapping: "json",
      version: "const",
      loop: "json",
    });
    const inner = (name: string) => kinds(field(name)?.fields ?? []);
    expect(inner("csv")).toEqual({ "csv.delimiter": "choice", "csv.strict": "boolean" });
    expect(inner("scenario")["scenario.steps"]).toBe("json");
  });

  test("keep what is written beside a reference, and have a preset where there is one", () => {
    expect(field("csv")?.hint).toBe("The form of a CSV file");
    expect(field("mode")?.preset).toBe("replace");
    expect(field("dataset")).not.toHaveProperty("preset");
    expect(field("maxErrors")?.label).toBe("Max errors");
  });
});

describe("what is typed", () => {
  test("becomes parameters, and what is not set is not sent", () => {
    expect(paramsOf(FIELDS, NEEDED)).toEqual({ params: NEEDED_PARAMS, errors: [] });
    const draft = {
      ...NEEDED,
      dataset: " orders ",
      mode: '"append"',
      maxErrors: "1 000",
      share: "0.5",
      columns: "a\n\n b ",
      "csv.delimiter": '"\\t"',
      "csv.strict": "false",
    };
    expect(paramsOf(FIELDS, draft).params).toEqual({
      ...NEEDED_PARAMS,
      dataset: "orders",
      mode: "append",
      maxErrors: 1000,
      share: 0.5,
      columns: ["a", "b"],
      csv: { delimiter: "\t", strict: false },
    });
  });

  test.each([
    ["maxErrors", "many", "no number"],
    ["maxErrors", "1.5", "whole number"],
    ["schema", "{", "not valid JSON"],
    ["scenario.name", "", "Give a value"],
  ])("of %s as %j is told to be wrong at its field", (path, typed, words) => {
    const { errors } = paramsOf(FIELDS, { ...NEEDED, [path]: typed });
    expect(errors).toEqual([{ field: path, message: expect.stringContaining(words) }]);
  });

  test("is what parameters of before come back as", () => {
    const params = {
      ...NEEDED_PARAMS,
      dataset: "orders",
      csv: { delimiter: ";" },
      schema: { fields: [{ name: "n" }] },
    };
    const draft = draftOf(FIELDS, params);
    expect(draft).not.toBeNull();
    expect(paramsOf(FIELDS, draft ?? {}).params).toEqual(params);
  });

  test.each([{ unknown: 1 }, { mode: "other" }, { columns: ["a\nb"] }, { dataset: "" }, { csv: { other: 1 } }, [1]])(
    "cannot be %j, which no field can say: that is edited as JSON",
    (params) => expect(draftOf(FIELDS, params)).toBeNull(),
  );
});

describe("a dataset's name", () => {
  test.each([
    ["Aufträge 2024.csv", "Auftrage-2024"],
    ["orders.v2.xlsx", "orders.v2"],
    ["_(1) a.csv", "1-a"],
    ["数据.csv", ""],
    [`${"x".repeat(80)}.csv`, "x".repeat(64)],
  ])("of the file %s is %s", (file, name) => {
    expect(datasetName(file)).toBe(name);
    expect(datasetNameProblem(name || "none")).toBeNull();
  });

  test("that the API would refuse is told in words", () => {
    expect(datasetNameProblem("a b")).toMatch(/letters, digits/);
  });
});

test("the API's errors of parameters stand at the paths of the form's fields", () => {
  const errors = [
    { field: "params.csv.delimiter", message: "a" },
    { field: "projectId", message: "b" },
    { field: "params", message: "c" },
  ];
  expect(paramsErrors(errors)).toEqual([
    { field: "csv.delimiter", message: "a" },
    { field: "", message: "c" },
  ]);
});

test("a repeat of one request has the same key, another request another one", () => {
  const keys = new RequestKeys();
  const first = keys.of({ params: { a: 1 } });
  expect(keys.of({ params: { a: 1 } })).toBe(first);
  expect(keys.of({ params: { a: 2 } })).not.toBe(first);
});
