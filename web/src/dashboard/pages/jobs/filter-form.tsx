import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { jobTypes, type JobFilter } from "../../api/queries.js";
import { STATUSES, type MembershipView } from "../../api/views.js";
import { Button } from "../../parts/button.js";
import { ProjectSelect } from "../../parts/project-select.js";
import { isFiltered, localText, momentOf, timeZone } from "./filter.js";

/** Types that nobody submits by the API. */
const OTHER_TYPES = ["Custom", "Task"];

type Changes = Readonly<Record<string, string | null>>;

interface Props {
  readonly filter: JobFilter;
  readonly projects: readonly MembershipView[];
  readonly onProject: (id: string) => void;
  /** Changes of one's choice can be taken back by the browser's Back; those of what is being typed cannot. */
  readonly onChange: (changes: Changes, isStep: boolean) => void;
}

/** Which jobs are shown. */
export function FilterForm({ filter, projects, onProject, onChange }: Props) {
  const types = useQuery(jobTypes).data ?? [];
  const names = new Set([...types.map(({ type }) => type), ...OTHER_TYPES, ...(filter.type ? [filter.type] : [])]);
  return (
    <form className="card filter" role="search" aria-label="Filter jobs" onSubmit={(event) => event.preventDefault()}>
      <ProjectSelect projects={projects} chosen={filter.projectId} onChoose={onProject} />
      <Choose
        label="Status"
        options={STATUSES}
        value={filter.status}
        onChoose={(status) => onChange({ status }, true)}
      />
      <Choose label="Type" options={[...names]} value={filter.type} onChoose={(type) => onChange({ type }, true)} />
      <TimeField label="Created from" at={filter.from} onChange={(from) => onChange({ from }, false)} />
      <TimeField label="Created until" at={filter.until} onChange={(until) => onChange({ until }, false)} />
      <div className="clear">
        <span className="quiet">Times are in {timeZone()}.</span>
        <Button
          disabled={!isFiltered(filter)}
          onClick={() => onChange({ status: null, type: null, from: null, until: null }, true)}
        >
          Clear filter
        </Button>
      </div>
    </form>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string | null | undefined;
  readonly onChoose: (value: string | null) => void;
}

function Choose({ label, options, value, onChoose }: ChooseProps) {
  return (
    <label>
      {label}
      <select value={value ?? ""} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">All</option>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly at: string | null | undefined;
  readonly onChange: (at: string | null) => void;
}

/** A date and time in the reader's time zone; the URL has it in UTC. */
function TimeField({ label, at = null, onChange }: TimeFieldProps) {
  const [typed, setTyped] = useState({ for: at, text: localText(at) });
  const text = typed.for === at ? typed.text : localText(at);
  function change(next: string) {
    const moment = momentOf(next);
    const isHalf = next !== "" && moment === null;
    setTyped({ for: isHalf ? at : moment, text: next });
    if (!isHalf && moment !== at) onChange(moment);
  }
  return (
    <label>
      {label}
      <input type="datetime-local" value={text} onChange={(event) => change(event.target.value)} />
    </label>
  );
}
