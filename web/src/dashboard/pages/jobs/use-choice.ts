import { useState } from "react";
import type { SummaryView } from "../../api/views.js";

/** Which of the shown jobs are chosen. */
export interface Choice {
  readonly chosen: readonly SummaryView[];
  isChosen(id: string): boolean;
  set(ids: readonly string[], isChosen: boolean): void;
  setAll(isChosen: boolean): void;
}

/** A choice among the jobs that are shown; another list, by its key, begins with none. What is no longer shown is not chosen. */
export function useChoice(listKey: string, shown: readonly SummaryView[]): Choice {
  const [state, setState] = useState<{ listKey: string; ids: ReadonlySet<string> }>({ listKey, ids: new Set() });
  const ids = state.listKey === listKey ? state.ids : new Set<string>();
  function set(changed: readonly string[], isChosen: boolean) {
    const next = new Set(ids);
    for (const id of changed) {
      if (isChosen) next.add(id);
      else next.delete(id);
    }
    setState({ listKey, ids: next });
  }
  return {
    chosen: shown.filter((job) => ids.has(job.id)),
    isChosen: (id) => ids.has(id),
    set,
    setAll: (isChosen) =>
      isChosen
        ? set(
            shown.map((job) => job.id),
            true,
          )
        : setState({ listKey, ids: new Set() }),
  };
}
