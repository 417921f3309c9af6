import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { tasks } from "../../api/queries.js";
import type { TaskView } from "../../api/views.js";
import { Page } from "../../layout/page.js";
import { useRefetchMs } from "../../live/use-live.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { duration, When } from "../../parts/times.js";
import { TaskMark, TaskReasons } from "./task-mark.js";
import { pollMs, scheduleWords, taskTitle } from "./words.js";
import { StackedHead } from "../../parts/stacked-head.js";

/** All scheduled tasks, and how they are. */
export function TasksPage() {
  const resting = useRefetchMs({ isTold: false, pollMs: pollMs([]) });
  const query = useQuery({
    ...tasks,
    refetchInterval: ({ state }) => Math.min(resting, pollMs(state.data)),
  });
  return (
    <Page title="Tasks">
      <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading what="tasks" />}
      {query.data?.length === 0 && (
        <EmptyNote title="There are no tasks.">
          <p>A task is a function and a row of the template: the documentation tells how to add one.</p>
        </EmptyNote>
      )}
      {query.data && query.data.length > 0 && (
        <section className="card" aria-label="Scheduled tasks">
          <TaskTable tasks={query.data} />
        </section>
      )}
    </Page>
  );
}

function TaskTable({ tasks: shown }: { readonly tasks: readonly TaskView[] }) {
  return (
    <table className="stacks tasks" role="table">
      <caption className="unseen">Scheduled tasks, by name</caption>
      <StackedHead names={["Task", "Status", "Schedule", "Next run", "Last run"]} />
      <tbody role="rowgroup">
        {shown.map((task) => (
          <Row key={task.name} task={task} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ task }: { readonly task: TaskView }) {
  const { name, schedule, started, durationSeconds } = task;
  return (
    <tr role="row">
      <th scope="row" data-name="Task" role="rowheader">
        <span className="task-name">
          <Link href={`/tasks/${name}`}>{taskTitle(name)}</Link>
          <code className="quiet">{name}</code>
        </span>
      </th>
      <td data-name="Status" role="cell">
        <span>
          <TaskMark task={task} />
          <TaskReasons task={task} />
        </span>
      </td>
      <td data-name="Schedule" role="cell">
        {schedule ? (
          <span title={schedule.expression}>{scheduleWords(schedule)}</span>
        ) : (
          <span className="quiet">Not known yet</span>
        )}
      </td>
      <td data-name="Next run" role="cell">
        <NextRun task={task} />
      </td>
      <td data-name="Last run" role="cell">
        <span>
          {started ? <When at={started} /> : "Never"}
          {durationSeconds !== undefined && <span className="quiet">, took {duration(durationSeconds * 1_000)}</span>}
        </span>
      </td>
    </tr>
  );
}

/** When the schedule begins the next run, if it does. */
export function NextRun({ task: { schedule, status } }: { readonly task: Pick<TaskView, "schedule" | "status"> }) {
  if (status === "suspeneded") return <span className="quiet">None while suspended</span>;
  if (schedule && !schedule.enabled) return <span className="quiet">The schedule is switched off</span>;
  return schedule?.next ? <When at={schedule.next} /> : <span className="quiet">Not known</span>;
}
