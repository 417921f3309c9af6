import type { MembershipView } from "../api/views.js";

interface Props {
  readonly projects: readonly MembershipView[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** Which project a page is about; one that the address names and the person is no member of stands there, too. */
export function ProjectSelect({ projects, chosen, onChoose }: Props) {
  const isKnown = projects.some(({ id }) => id === chosen);
  return (
    <label>
      Project
      <select value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {!isKnown && <option value={chosen}>{chosen}</option>}
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name === id ? id : `${name} (${id})`}
          </option>
        ))}
      </select>
    </label>
  );
}
