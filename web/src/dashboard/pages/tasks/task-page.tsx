import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { JobmillError } from "../../../client/errors.js";
import { me, task as taskQuery } from "../../api/queries.js";
import { Page } from "../../layout/page.js";
import { useRefetchMs } from "../../live/use-live.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { TaskActions } from "./task-actions.js";
import { TaskDetails } from "./task-details.js";
import { TaskMark } from "./task-mark.js";
import { TaskRuns } from "./task-runs.js";
import { pollMs, taskTitle } from "./words.js";

/** One task: how it is, all that is known of it, and its runs. */
export function TaskPage() {
  const { name = "" } = useParams();
  const { isAdmin } = useSuspenseQuery(me).data;
  const resting = useRefetchMs({ isTold: false, pollMs: pollMs([]) });
  const query = useQuery({
    ...taskQuery(name),
    refetchInterval: ({ state }) => Math.min(resting, pollMs(state.data && [state.data])),
  });
  const { data: task, error } = query;
  const isUnknown = error instanceof JobmillError && error.status === 404;
  return (
    <Page title={taskTitle(name)}>
      <p>
        <Link href="/tasks">All tasks</Link>
      </p>
      {isUnknown ? (
        <EmptyNote title={error.detail} />
      ) : (
        <ProblemNote error={error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Loading what="the task" />}
      {task && !isUnknown && (
        <>
          <div className="task-head">
            <code className="quiet">{name}</code>
            <span role="status">
              <TaskMark task={task} />
            </span>
          </div>
          {task.lateReasons.map((reason) => (
            <p key={reason} className="note warning">
              {reason}
            </p>
          ))}
          {isAdmin ? (
            <TaskActions task={task} />
          ) : (
            <p className="quiet">Admins run, suspend and resume tasks. Everyone sees how they are.</p>
          )}
          <TaskDetails task={task} mayOpenJobs={isAdmin} />
          <TaskRuns name={name} mayOpenJobs={isAdmin} />
        </>
      )}
    </Page>
  );
}
