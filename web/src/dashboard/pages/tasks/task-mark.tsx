import type { TaskView } from "../../api/views.js";
import { statusWords } from "./words.js";

/** How a task is, and whether it is late. */
export function TaskMark({ task }: { readonly task: Pick<TaskView, "status" | "late"> }) {
  const [word, look] = statusWords(task);
  return (
    <span className="marks">
      <span className={`status ${look}`}>{word}</span>
      {task.late && <span className="status late">Late</span>}
    </span>
  );
}

/** Why a task is late, or does not run; nothing of one that is as it should be. */
export function TaskReasons({ task }: { readonly task: TaskView }) {
  const { status, suspension, lateReasons } = task;
  const reasons = [...(status === "suspeneded" && suspension?.reason ? [suspension.reason] : []), ...lateReasons];
  if (reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}
