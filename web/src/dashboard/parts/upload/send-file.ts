import { JobmillError } from "../../../client/errors.js";
import type { UploadView } from "../../api/views.js";

/** As far as a file is sent. */
export type OnSent = (sentBytes: number, totalBytes: number) => void;

/**
 * Send a file straight to S3 by the form that the API gave. An XMLHttpRequest, as fetch does not tell how far it is.
 * Throws JobmillError, `upload-cancelled` when the signal ended it.
 */
export function sendFile(form: UploadView, file: File, onSent: OnSent, signal: AbortSignal): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  // S3 reads nothing that stands behind it.
  body.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.upload.addEventListener("progress", ({ loaded, total }) => onSent(Math.min(loaded, total), total));
    request.addEventListener("load", () =>
      request.status >= 200 && request.status < 300 ? resolve() : reject(refusal(request.status, request.responseText)),
    );
    request.addEventListener("error", () => reject(refusal(null, "")));
    request.addEventListener("abort", () => reject(cancelled()));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    request.open("POST", form.url);
    if (signal.aborted) return reject(cancelled());
    signal.addEventListener("abort", abort);
    request.send(body);
  });
}

export function cancelled(): JobmillError {
  return new JobmillError("upload-cancelled", null, "The upload was cancelled.");
}

const SENTENCES: Readonly<Record<string, string>> = {
  EntityTooLarge: "The file has grown since it was chosen. Choose it again.",
  EntityTooSmall: "The file has shrunk since it was chosen. Choose it again.",
  RequestTimeout: "The upload stood still for too long. Start it again.",
  SlowDown: "The storage has too much to do just now. Start the upload again in a moment.",
  ServiceUnavailable: "The storage does not answer just now. Start the upload again in a moment.",
  InternalError: "The storage has a problem just now. Start the upload again in a moment.",
};

/** What S3's refusal means to who sends a file; `status` null is no answer at all. */
export function refusal(status: number | null, xml: string): JobmillError {
  if (status === null) {
    // A file that was changed or taken away after it was chosen ends in the same way.
    const detail = "The upload broke off. Check your connection and that the file is still there, and start again.";
    return new JobmillError("upload-broken", null, detail);
  }
  const code = /<Code>([^<]*)<\/Code>/.exec(xml)?.[1] ?? `http-${status}`;
  const isLate = code === "AccessDenied" && /expired/i.test(xml);
  const detail = isLate
    ? "The upload began too late: its permission is over. Start it again."
    : (SENTENCES[code] ?? `The storage refused the file (${code}). Start the upload again, or tell the operator.`);
  return new JobmillError(isLate ? "upload-expired" : code, status, detail);
}
