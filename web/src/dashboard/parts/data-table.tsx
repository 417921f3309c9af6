import type { ReactNode } from "react";

export interface Column {
  readonly name: string;
  /** Its cells stand right. */
  readonly isNumber?: boolean;
}

interface Props {
  /** What the table holds; its heading may say it, so it is not shown. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Cells in the order of the columns. Rows never change their places. */
  readonly rows: readonly (readonly ReactNode[])[];
}

/** Rows under columns; what is wider or longer than its place moves in itself. */
export function DataTable({ caption, columns, rows }: Props) {
  return (
    <section className="data-table scroll" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, isNumber }, place) => (
              // oxlint-disable-next-line react/no-array-index-key -- a file may have two columns of one name
              <th key={place} scope="col" className={isNumber ? "number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows have no other name, and stay where they are
            <tr key={row}>
              {cells.map((cell, place) => (
                // oxlint-disable-next-line react/no-array-index-key
                <td key={place} className={columns[place]?.isNumber ? "number" : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
