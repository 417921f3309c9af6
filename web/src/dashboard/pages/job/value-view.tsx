import { DataTable } from "../../parts/data-table.js";
import { count } from "../../parts/numbers.js";
import { inWords } from "../../parts/words.js";
import { columnsOf, isNumeric, isRows, partsOf, shortText, type JsonObject } from "./values.js";

/** More rows are in the JSON, and in the reports. */
const MOST_ROWS = 200;

interface Props {
  /** What it is: `Result`. */
  readonly title: string;
  readonly value: JsonObject;
}

/** An object as tables: its values by name, what lies in it under headings. */
export function ValueView({ title, value }: Props) {
  const { simple, objects, tables } = partsOf(value);
  return (
    <>
      {simple.length > 0 && <KeyValues title={title} values={simple} />}
      {objects.map(([name, each]) => (
        <div key={name} className="part" role="group" aria-label={inWords(name)}>
          <h3>{inWords(name)}</h3>
          <ValueView title={inWords(name)} value={each} />
        </div>
      ))}
      {tables.map(([name, rows]) => (
        <div key={name} className="part" role="group" aria-label={inWords(name)}>
          <h3>{inWords(name)}</h3>
          <Rows title={inWords(name)} rows={rows} />
        </div>
      ))}
    </>
  );
}

function KeyValues({
  title,
  values,
}: {
  readonly title: string;
  readonly values: ReturnType<typeof partsOf>["simple"];
}) {
  return (
    <table className="key-values">
      <caption className="unseen">{title}</caption>
      <tbody>
        {values.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{inWords(name)}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Objects as rows; a list of objects in one is told by its length, with its whole behind a fold. */
function Rows({ title, rows }: { readonly title: string; readonly rows: readonly JsonObject[] }) {
  const shown = rows.slice(0, MOST_ROWS);
  const columns = columnsOf(shown);
  return (
    <>
      <DataTable
        caption={title}
        columns={columns.map((name) => ({ name: inWords(name), isNumber: isNumeric(shown, name) }))}
        rows={shown.map((row) =>
          columns.map((name) => {
            const value = row[name];
            return isRows(value) ? <Inner key={name} name={name} rows={value} /> : shortText(value);
          }),
        )}
      />
      {rows.length > shown.length && (
        <p className="quiet">
          The first {count(shown.length)} of {count(rows.length)}.
        </p>
      )}
    </>
  );
}

function Inner({ name, rows }: { readonly name: string; readonly rows: readonly JsonObject[] }) {
  return (
    <details>
      <summary>
        {count(rows.length)} {inWords(name).toLowerCase()}
      </summary>
      <ul>
        {rows.map((row, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- they are never moved, and may be alike
          <li key={place}>{Object.values(row).map(shortText).join(" · ")}</li>
        ))}
      </ul>
    </details>
  );
}
