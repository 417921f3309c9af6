import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/request.js";
import type { TaskView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ConfirmDialog } from "../../parts/confirm-dialog.js";
import { JobLink } from "../../parts/job-link.js";
import { ProblemNote } from "../../parts/notes.js";
import { taskTitle } from "./words.js";

const LONGEST_REASON = 200;

interface NewRunView {
  readonly task: string;
  readonly jobId: string;
}

/** What an admin can do to a task. */
export function TaskActions({ task: { name, status } }: { readonly task: TaskView }) {
  const [isAsking, setAsking] = useState(false);
  const isSuspended = status === "suspeneded";
  const run = useTaskChange(() => post<NewRunView>(path(name, "run")));
  const resume = useTaskChange(() => post<TaskView>(path(name, "resume")));
  return (
    <section className="task-actions" aria-label="What you can do">
      <div className="actions">
        <Button kind="primary" isBusy={run.isPending} onClick={() => (resume.reset(), run.mutate())}>
          Run now
        </Button>
        {isSuspended ? (
          <Button isBusy={resume.isPending} onClick={() => (run.reset(), resume.mutate())}>
            Resume
          </Button>
        ) : (
          <Button onClick={() => (run.reset(), resume.reset(), setAsking(true))}>Suspend …</Button>
        )}
      </div>
      <p role="status">
        {run.data && (
          <>
            A run has begun: job <JobLink job={{ type: "Task", id: run.data.jobId }} />
          </>
        )}
        {resume.data && "The task is resumed: its schedule begins runs again."}
      </p>
      <ProblemNote error={run.error ?? resume.error} />
      {isAsking && <SuspendDialog name={name} onClose={() => setAsking(false)} />}
    </section>
  );
}

function SuspendDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [reason, setReason] = useState("");
  const suspend = useTaskChange(async () => {
    const text = reason.trim();
    await post<TaskView>(path(name, "suspend"), text ? { reason: text } : {});
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Suspend ${taskTitle(name).toLowerCase()}?`}
      yes="Suspend"
      isBusy={suspend.isPending}
      onYes={() => suspend.mutate()}
      onClose={onClose}
    >
      <p>Its schedule begins no runs until the task is resumed. A run that is under way goes on.</p>
      <label>
        Reason
        <span className="hint">For those who wonder; you may leave it out. At most {LONGEST_REASON} characters.</span>
        <textarea
          rows={3}
          maxLength={LONGEST_REASON}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <ProblemNote error={suspend.error} />
    </ConfirmDialog>
  );
}

/** A change of a task; what is shown of tasks is fetched again, also after a refusal: it may be old. */
function useTaskChange<Answer>(change: () => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
}

function path(name: string, verb: "run" | "suspend" | "resume"): string {
  return `api/tasks/${encodeURIComponent(name)}/${verb}`;
}
