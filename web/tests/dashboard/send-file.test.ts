import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { refusal, sendFile } from "../../src/dashboard/parts/upload/send-file.js";
import { FakeRequest } from "./fake-request.js";

const FORM = { uploadId: "u", url: "https://s3.example.com/b", fields: { key: "k", policy: "p" }, expiresAt: "" };
const FILE = new File(["a,b\n"], "a.csv");

beforeEach(() => {
  FakeRequest.sent = [];
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});

afterEach(() => vi.unstubAllGlobals());

const last = () => FakeRequest.sent.at(-1) as FakeRequest;

describe("a file on its way to S3", () => {
  test("stands behind all fields of its form, and tells how far it is", async () => {
    const told: number[][] = [];
    const sent = sendFile(FORM, FILE, (...bytes) => told.push(bytes), new AbortController().signal);
    last().goOn(2, 4);
    last().answer(204);
    await sent;
    expect([...(last().body?.keys() ?? [])]).toEqual(["key", "policy", "file"]);
    expect(last().url).toBe(FORM.url);
    expect(told).toEqual([[2, 4]]);
  });

  test("is stopped by its signal", async () => {
    const abort = new AbortController();
    const sent = sendFile(FORM, FILE, vi.fn(), abort.signal);
    abort.abort();
    await expect(sent).rejects.toMatchObject({ code: "upload-cancelled" });
  });

  test("that S3 refuses fails with a sentence", async () => {
    const sent = sendFile(FORM, FILE, vi.fn(), new AbortController().signal);
    last().answer(400, "<Error><Code>EntityTooLarge</Code></Error>");
    await expect(sent).rejects.toMatchObject({ code: "EntityTooLarge", detail: expect.stringContaining("has grown") });
  });
});

test.each([
  [null, "", "upload-broken", /Check your connection/],
  [
    403,
    "<Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message>",
    "upload-expired",
    /too late/,
  ],
  [403, "<Code>AccessDenied</Code>", "AccessDenied", /refused the file \(AccessDenied\)/],
  [503, "<html>", "http-503", /refused the file/],
])("an answer of %s %s is %s", (status, xml, code, sentence) => {
  expect(refusal(status, xml)).toMatchObject({ code, detail: expect.stringMatching(sentence) });
});
