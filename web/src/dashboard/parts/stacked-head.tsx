import type { ReactNode } from "react";

interface Props {
  readonly names: readonly string[];
  /** A cell before the names. */
  readonly first?: ReactNode;
}

/** The head of a table that becomes cards on a phone (class `stacks`): its roles are said, as such a table looks like none. */
export function StackedHead({ names, first }: Props) {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {first}
        {names.map((name) => (
          <th key={name} scope="col" role="columnheader">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
