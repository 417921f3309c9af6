import type { JobView } from "../../api/views.js";
import { JsonView } from "../../parts/json-view.js";
import { errorsOf } from "./import-errors.js";
import { isJsonObject, shortText } from "./values.js";
import { ValueView } from "./value-view.js";

/** What a job gave, and what it was asked for: as tables, and whole as JSON. */
export function ResultAndParams({ job }: { readonly job: JobView }) {
  return (
    <>
      <Part title="Result" id="result" value={job.result} shown={shownResult(job)} />
      <Part title="Parameters" id="params" value={job.params} shown={job.params} />
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly id: string;
  readonly value: JobView["result"];
  /** What of it stands in tables. */
  readonly shown: JobView["result"];
}

function Part({ title, id, value, shown }: PartProps) {
  if (value === undefined || value === null) return null;
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {isJsonObject(shown) ? <ValueView title={title} value={shown} /> : <p>{shortText(shown)}</p>}
      <JsonView title={`${title} as JSON`} value={value} />
    </section>
  );
}

/** The result without the errors of rows, where those have a place of their own. */
function shownResult(job: JobView): JobView["result"] {
  if (!errorsOf(job) || !isJsonObject(job.result)) return job.result;
  const { firstErrors: _, ...others } = job.result;
  return others;
}
