import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { job as jobQuery, jobTypes } from "../../api/queries.js";
import { address, post } from "../../api/request.js";
import type { JobView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ConfirmDialog } from "../../parts/confirm-dialog.js";
import { CopyButton } from "../../parts/copy-button.js";
import { ProblemNote } from "../../parts/notes.js";
import { curlOf } from "./curl.js";
import { isActive, isRetryable } from "./may.js";

interface Props {
  readonly job: JobView;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
}

/** What a writer of the project may do with the job as it stands. */
export function JobActions({ job, isEditing, onEdit }: Props) {
  const [isAsking, setAsking] = useState(false);
  const cancel = useChange(job.id, "cancel");
  const retry = useChange(job.id, "retry");
  const type = useQuery(jobTypes).data?.find((each) => each.type === job.type);
  return (
    <>
      <div className="actions">
        {isActive(job) && (
          <Button kind="danger" onClick={() => setAsking(true)}>
            Cancel job
          </Button>
        )}
        {isRetryable(job) && (
          <Button kind="primary" isBusy={retry.isPending} onClick={() => retry.mutate()}>
            Retry
          </Button>
        )}
        {isRetryable(job) && type && (
          <Button aria-expanded={isEditing} onClick={onEdit}>
            Retry with edited parameters
          </Button>
        )}
        {type && <CopyButton text={curlOf(job, address("api/jobs"))}>Copy as curl</CopyButton>}
      </div>
      <ProblemNote error={cancel.error ?? retry.error} />
      {isAsking && isActive(job) && (
        <ConfirmDialog
          title="Cancel this job?"
          yes="Cancel job"
          isDangerous
          isBusy={cancel.isPending}
          onYes={() => cancel.mutate(undefined, { onSettled: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          <p>What it has done so far is dropped. It can be retried later, from its beginning.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** Cancels or retries, and then fetches what that changed. */
function useChange(id: string, verb: "cancel" | "retry") {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => post(`api/jobs/${encodeURIComponent(id)}/${verb}`),
    // Also after a refusal: the job is then not as it was shown.
    onSettled: () => {
      for (const key of ["jobs", "stats"]) void queries.invalidateQueries({ queryKey: [key] });
      return queries.invalidateQueries({ queryKey: jobQuery(id).queryKey });
    },
  });
}
