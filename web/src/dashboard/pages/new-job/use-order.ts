import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { JobmillError, type FieldError } from "../../../client/errors.js";
import { post } from "../../api/request.js";
import { job as jobQuery } from "../../api/queries.js";
import type { JobView } from "../../api/views.js";
import type { Params } from "../../parts/schema-form/draft.js";
import { useUpload, type Uploader } from "../../parts/upload/use-upload.js";
import { paramsErrors, RequestKeys, UPLOAD } from "./submission.js";

export interface Wanted {
  readonly type: string;
  readonly projectId: string;
  readonly params: Params;
  /** Sent first, and put into the parameters; null for jobs that take none. */
  readonly file: File | null;
}

export interface Order {
  readonly uploader: Uploader;
  readonly isBusy: boolean;
  /** Why the job was not taken; null where the upload tells itself what is wrong. */
  readonly error: unknown;
  /** The API's errors of parameters, by the paths of their fields. */
  readonly errors: readonly FieldError[];
  /** Upload, submit, and go to the job's page. A failure loses nothing: what was uploaded is not sent twice. */
  send(wanted: Wanted): void;
  reset(): void;
}

export function useOrder(): Order {
  const uploader = useUpload();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [keys] = useState(() => new RequestKeys());
  const order = useMutation({
    mutationFn: async ({ file, type, projectId, params }: Wanted) => {
      const uploadId = file && (await uploader.upload(file, projectId).catch(asUploadError));
      const request = { type, projectId, params: uploadId ? { ...params, [UPLOAD]: uploadId } : params };
      return await post<JobView>("api/jobs", request, { "Idempotency-Key": keys.of(request) });
    },
    onError: (error) => {
      // Its time was over, or it was never whole: next time the file is sent again.
      if (error instanceof JobmillError && error.code === "upload-not-found") uploader.forget();
    },
    onSuccess: (job) => {
      queries.setQueryData(jobQuery(job.id).queryKey, job);
      for (const key of ["jobs", "stats"]) void queries.invalidateQueries({ queryKey: [key] });
      navigate(`/jobs/${job.id}`);
    },
  });
  const error = order.error instanceof UploadFailed ? null : order.error;
  return {
    uploader,
    isBusy: order.isPending,
    error,
    errors: error instanceof JobmillError ? paramsErrors(error.errors) : [],
    send: (wanted) => order.mutate(wanted),
    reset: () => order.reset(),
  };
}

/** The upload's own place tells of it. */
class UploadFailed extends Error {}

function asUploadError(cause: unknown): never {
  throw new UploadFailed("The upload failed", { cause });
}
