import { useEffect, useRef, useState } from "react";
import { post } from "../../api/request.js";
import type { UploadView } from "../../api/views.js";
import { cancelled, sendFile } from "./send-file.js";

export type UploadState =
  | { readonly phase: "idle" }
  | { readonly phase: "sending"; readonly sentBytes: number; readonly totalBytes: number }
  | { readonly phase: "done"; readonly file: File; readonly projectId: string; readonly uploadId: string }
  | { readonly phase: "failed"; readonly error: unknown };

export interface Uploader {
  readonly state: UploadState;
  /** Send the file to the project, or give its id if it is there already. Rejects with what `state` shows then. */
  upload(file: File, projectId: string): Promise<string>;
  cancel(): void;
  /** What was sent does not count any more: it is unknown to the API, or another file is chosen. */
  forget(): void;
}

/** One upload at a time; it ends with the page that it is shown on, which warns of that. */
export function useUpload(): Uploader {
  const [state, setState] = useState<UploadState>({ phase: "idle" });
  const abort = useRef<AbortController | null>(null);
  const isSending = state.phase === "sending";
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (!isSending) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isSending]);

  async function upload(file: File, projectId: string): Promise<string> {
    if (state.phase === "done" && state.file === file && state.projectId === projectId) return state.uploadId;
    const own = new AbortController();
    abort.current = own;
    setState({ phase: "sending", sentBytes: 0, totalBytes: file.size });
    try {
      const form = await announce(file, projectId);
      if (own.signal.aborted) throw cancelled();
      const show = (sentBytes: number, totalBytes: number) => setState({ phase: "sending", sentBytes, totalBytes });
      await sendFile(form, file, show, own.signal);
      setState({ phase: "done", file, projectId, uploadId: form.uploadId });
      return form.uploadId;
    } catch (error) {
      setState({ phase: "failed", error });
      throw error;
    }
  }
  return {
    state,
    upload,
    cancel: () => abort.current?.abort(),
    forget: () => setState({ phase: "idle" }),
  };
}

/** As the API takes it. */
const CONTENT_TYPE = /^[A-Za-z0-9.+-]+\/[A-Za-z0-9.+-]+$/;

function announce(file: File, projectId: string): Promise<UploadView> {
  const contentType = CONTENT_TYPE.test(file.type) ? file.type : "application/octet-stream";
  return post("api/uploads", { projectId, filename: file.name, contentType, sizeBytes: file.size });
}
