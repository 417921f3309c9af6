import type { ScheduleView, TaskStatus, TaskView } from "../../api/views.js";

/** Of tasks that the socket never tells of: often while one runs, seldom otherwise. */
export function pollMs(tasks: readonly TaskView[] | undefined): number {
  return tasks?.some(({ status }) => status === "running") ? 5_000 : 15_000;
}

/** `collect_devices_health` → `Collect devices health` */
export function taskTitle(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const STATUSES: Readonly<Record<TaskStatus, readonly [string, string]>> = {
  running: ["Running", "running"],
  completed: ["Completed", "completed"],
  failed: ["Failed", "failed"],
  suspeneded: ["Suspended", "suspended"],
};

/** How a task is: the word that people read, and the class of its look. */
export function statusWords({ status }: Pick<TaskView, "status">): readonly [string, string] {
  return status ? STATUSES[status] : ["No run yet", "none"];
}

/** When a task runs, in words where the API has them: `At 03:40 (UTC)`. */
export function scheduleWords({ words, expression, timeZone }: ScheduleView): string {
  return `${words ?? expression} (${timeZone})`;
}

/** Whose wish a run was. */
export function sourceWords(source: string): string {
  return source === "schedule" ? "The schedule" : source;
}
