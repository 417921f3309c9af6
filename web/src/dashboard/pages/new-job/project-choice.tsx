import { useId } from "react";
import type { MembershipView } from "../../api/views.js";

interface Props {
  readonly projects: readonly MembershipView[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  readonly isDisabled: boolean;
}

/** Which of the projects that the person may write. */
export function ProjectChoice({ projects, chosen, onChoose, isDisabled }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Project</label>
      <select id={id} value={chosen ?? ""} onChange={(event) => onChoose(event.target.value)} disabled={isDisabled}>
        {chosen === null && <option value="">Choose one</option>}
        {projects.map(({ id: each, name }) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
