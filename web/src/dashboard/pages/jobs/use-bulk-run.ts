import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { OutcomeView } from "../../api/views.js";
import { start, takeStep, type Place, type Reach, type Scope, type Verb } from "./bulk.js";

/** A change of many jobs: what is to be done. */
export interface Order {
  readonly verb: Verb;
  readonly scope: Scope;
  readonly reach: Reach;
}

export interface BulkRun {
  readonly order: Order;
  readonly outcomes: readonly OutcomeView[];
  /** `stopped` by wish or by a problem; then it can go on. */
  readonly state: "running" | "stopping" | "stopped" | "done";
  readonly next: Place | null;
  readonly problem: unknown;
}

/** One change of many jobs at a time, step by step. It ends with the page. */
export function useBulkRun() {
  const queries = useQueryClient();
  const [run, setRun] = useState<BulkRun | null>(null);
  const [number, setNumber] = useState(0);
  const wished = useRef(false);
  useEffect(() => {
    wished.current = false;
    return () => {
      wished.current = true;
    };
  }, []);

  async function go({ order, outcomes: before, next: from }: Pick<BulkRun, "order" | "outcomes" | "next">) {
    const outcomes = [...before];
    let next = from;
    let problem: unknown = null;
    const show = (state: BulkRun["state"]) => setRun({ order, outcomes: [...outcomes], state, next, problem });
    wished.current = false;
    show("running");
    while (next !== null && !wished.current && problem === null) {
      try {
        const step = await takeStep(order.verb, order.scope, next);
        outcomes.push(...step.outcomes);
        next = step.next;
        if (!wished.current) show("running");
      } catch (error) {
        problem = error;
      }
    }
    show(next === null ? "done" : "stopped");
    for (const key of ["jobs", "stats", "activity", "job"]) void queries.invalidateQueries({ queryKey: [key] });
  }

  return {
    run,
    /** Which of this page's changes it is. */
    number,
    begin: (order: Order) => {
      setNumber(number + 1);
      void go({ order, outcomes: [], next: start(order.scope) });
    },
    stop: () => {
      wished.current = true;
      setRun((before) => before && { ...before, state: "stopping" });
    },
    goOn: () => run && void go(run),
    close: () => setRun(null),
  };
}
