import type { JobView } from "../../api/views.js";
import { JsonView } from "../../parts/json-view.js";
import { errorsOf } from "./import-errors.js";
import { isJsonObject, shortText } from "./values.js";
import { ValueView } from "./value-view.js";

interface Props {
  /** What it is: `Result`. */
  readonly title: string;
  readonly value: JobView["result"] | undefined;
  /** What of it stands in tables; all of it unless given. */
  readonly shown?: JobView["result"] | undefined;
}

/** What a job gave, or was asked for: as tables, and whole as JSON. */
export function Part({ title, value, shown = value }: Props) {
  if (value === undefined || value === null) return null;
  const id = title.toLowerCase();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {isJsonObject(shown) ? <ValueView title={title} value={shown} /> : <p>{shortText(shown)}</p>}
      <JsonView title={`${title} as JSON`} value={value} />
    </section>
  );
}

/** The result without the errors of rows, where those have a place of their own. */
export function withoutErrors(job: JobView): JobView["result"] {
  if (!errorsOf(job) || !isJsonObject(job.result)) return job.result;
  const { firstErrors: _, ...others } = job.result;
  return others;
}
