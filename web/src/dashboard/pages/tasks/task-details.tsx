import type { ReactNode } from "react";
import type { TaskDataView, TaskView } from "../../api/views.js";
import { JobLink, shortId } from "../../parts/job-link.js";
import { count, fileSize } from "../../parts/numbers.js";
import { duration, When, wholeTime } from "../../parts/times.js";
import { NextRun } from "./tasks-page.js";
import { scheduleWords } from "./words.js";

/** A run's job: a link for those who may open it. */
export function RunJob({ id, mayOpen }: { readonly id: string; readonly mayOpen: boolean }) {
  return mayOpen ? <JobLink job={{ type: "Task", id }} /> : <code title={id}>{shortId(id)}</code>;
}

interface Props {
  readonly task: TaskView;
  readonly mayOpenJobs: boolean;
}

/** All that is known of a task. */
export function TaskDetails({ task, mayOpenJobs }: Props) {
  const { schedule, suspension, data, skipped, firedAt, freshForSeconds, runLimitSeconds } = task;
  return (
    <div className="cards wide">
      <Group title="Schedule">
        <Item name="When">
          {schedule ? (
            <>
              {scheduleWords(schedule)}{" "}
              {schedule.words && <code className="quiet expression">{schedule.expression}</code>}
            </>
          ) : (
            "No schedule is known."
          )}
        </Item>
        <Item name="Next run">
          <NextRun task={task} />
          {schedule?.next && schedule.enabled && task.status !== "suspeneded" && (
            <span className="quiet"> ({wholeTime(schedule.next)})</span>
          )}
        </Item>
        {firedAt && (
          <Item name="Last slot">
            <When at={firedAt} />
          </Item>
        )}
        {task.status === "suspeneded" && (
          <Item name="Suspended">
            {suspension?.since && <When at={suspension.since} />}
            {suspension?.by && ` by ${suspension.by}`}
            {suspension?.reason ? `${suspension.since || suspension.by ? ": " : ""}${suspension.reason}` : ""}
          </Item>
        )}
        {skipped && skipped.count > 0 && (
          <Item name="Skipped slots">
            {count(skipped.count)}, the last <When at={skipped.at} />
            {skipped.jobId && (
              <>
                , as job <RunJob id={skipped.jobId} mayOpen={mayOpenJobs} /> was under way
              </>
            )}
          </Item>
        )}
        <Item name="A run may take">{duration(runLimitSeconds * 1_000)}</Item>
      </Group>
      <Group title="Last run">
        <LastRun task={task} mayOpenJobs={mayOpenJobs} />
      </Group>
      <Group title="Data">
        {data ? <TaskData data={data} /> : <Item name="Saved">Nothing yet: no run has completed.</Item>}
        <Item name="Promised to be">
          {freshForSeconds ? `no older than ${duration(freshForSeconds * 1_000)}` : "of any age"}
        </Item>
      </Group>
    </div>
  );
}

function LastRun({ task: { started, completed, durationSeconds, source, jobId, error }, mayOpenJobs }: Props) {
  if (!started) return <Item name="Started">Never</Item>;
  return (
    <>
      <Item name="Started">
        <When at={started} />
        {source && <span className="quiet"> by {source === "schedule" ? "the schedule" : source}</span>}
      </Item>
      {completed && (
        <Item name="Completed">
          <When at={completed} />
        </Item>
      )}
      {durationSeconds !== undefined && <Item name="Took">{duration(durationSeconds * 1_000)}</Item>}
      {jobId && (
        <Item name="Job">
          <RunJob id={jobId} mayOpen={mayOpenJobs} />
        </Item>
      )}
      {error && <Item name="Error">{error}</Item>}
    </>
  );
}

const SAVED_IN = {
  storage: "In the tasks' bucket",
  db: "With the task",
  none: "Nowhere: the task only does something",
};

function TaskData({ data: { version, at, records, sizeBytes, savedIn } }: { readonly data: TaskDataView }) {
  return (
    <>
      <Item name="Version">{count(version)}</Item>
      <Item name="Of">
        <When at={at} />
      </Item>
      {records !== undefined && <Item name="Records">{count(records)}</Item>}
      {sizeBytes !== undefined && <Item name="Size">{fileSize(sizeBytes)}</Item>}
      <Item name="Saved">{SAVED_IN[savedIn]}</Item>
    </>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <dl className="facts">{children}</dl>
    </section>
  );
}

function Item({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
