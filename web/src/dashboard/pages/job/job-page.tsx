import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useParams } from "wouter";
import { JobmillError } from "../../../client/errors.js";
import { job as jobQuery } from "../../api/queries.js";
import type { JobView } from "../../api/views.js";
import { Page } from "../../layout/page.js";
import { useMayWrite } from "../../layout/project.js";
import { useFollow, useRefetchMs } from "../../live/use-live.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { EditRetry } from "./edit-retry.js";
import { Failure } from "./failure.js";
import { ImportErrors } from "./import-errors.js";
import { JobActions } from "./job-actions.js";
import { JobHead } from "./job-head.js";
import { isActive, isRetryable } from "./may.js";
import { ProgressCard } from "./progress-card.js";
import { Reports } from "./reports.js";
import { Part, withoutErrors } from "./result.js";
import { Timeline } from "./timeline.js";

/** The socket tells how far a job is, but not what it does: that is asked for as often as this, of the one job shown. */
const LOOK_MS = 3_000;

export function JobPage() {
  const { id = "" } = useParams();
  return <JobOf key={id} id={id} />;
}

function JobOf({ id }: { readonly id: string }) {
  const often = useRefetchMs();
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  useFollow({ jobId: id });
  useStoryAfterMoves(job);
  const isUnderWay = job ? isActive(job) && !isGone(error) : !isGone(error);
  const everyMs = job?.status === "Running" ? Math.min(often, LOOK_MS) : often;
  useEffect(() => {
    // Not the query's own interval: each message of the socket would put it off.
    if (!isUnderWay) return undefined;
    const timer = setInterval(() => !document.hidden && void refetch({ cancelRefetch: false }), everyMs);
    return () => clearInterval(timer);
  }, [isUnderWay, everyMs, refetch]);
  if (isGone(error)) return <Gone error={error} />;
  if (!job) {
    return (
      <Page title="Job">
        {error ? <ProblemNote error={error} onRetry={() => void refetch()} /> : <Loading what="the job" />}
      </Page>
    );
  }
  return <Shown job={job} />;
}

function Shown({ job }: { readonly job: JobView }) {
  const mayWrite = useMayWrite(job.projectId);
  const [isEditing, setEditing] = useState(false);
  return (
    <Page title={`${job.type} job`}>
      <JobHead job={job} />
      <Failure job={job} mayWrite={mayWrite} />
      {mayWrite ? (
        <JobActions job={job} isEditing={isEditing} onEdit={() => setEditing(!isEditing)} />
      ) : (
        <p className="quiet">You may read this project: only its writers cancel and retry jobs.</p>
      )}
      {isEditing && mayWrite && isRetryable(job) && <EditRetry job={job} onDone={() => setEditing(false)} />}
      {isActive(job) && <ProgressCard job={job} />}
      <ImportErrors job={job} mayWrite={mayWrite} />
      <Reports job={job} />
      <Part title="Result" value={job.result} shown={withoutErrors(job)} />
      <Timeline job={job} />
      <Part title="Parameters" value={job.params} />
    </Page>
  );
}

/** Fetches what happened again whenever the job has moved on. */
function useStoryAfterMoves(job: JobView | undefined): void {
  const queries = useQueryClient();
  const move = job && `${job.status} ${job.run} ${job.attempt}`;
  const known = useRef(move);
  const id = job?.id;
  useEffect(() => {
    const before = known.current;
    known.current = move;
    if (!id || before === undefined || before === move) return;
    for (const what of ["attempts", "events"])
      void queries.invalidateQueries({ queryKey: [...jobQuery(id).queryKey, what] });
  }, [queries, id, move]);
}

function isGone(error: unknown): error is JobmillError {
  return error instanceof JobmillError && (error.status === 404 || error.status === 410);
}

function Gone({ error }: { readonly error: JobmillError }) {
  const isOver = error.status === 410;
  return (
    <Page title={isOver ? "Job gone" : "Job not found"}>
      <EmptyNote title={error.detail}>
        <p>
          {isOver
            ? "Jobs are kept for some time after their end, with their reports. This one was deleted, or its time is over."
            : "Check the id in the address. A job of a project that you are not in cannot be found either."}
        </p>
        <Link href="/jobs">Go to the jobs</Link>
      </EmptyNote>
    </Page>
  );
}
