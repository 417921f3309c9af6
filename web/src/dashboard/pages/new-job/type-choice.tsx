import { useId } from "react";
import type { JobTypeView } from "../../api/views.js";

interface Props {
  readonly types: readonly JobTypeView[];
  readonly chosen: string;
  readonly onChoose: (type: string) => void;
}

/** Which type of job, each with what it does. */
export function TypeChoice({ types, chosen, onChoose }: Props) {
  const id = useId();
  return (
    <fieldset className="type-choice">
      <legend>Type</legend>
      {types.map(({ type, description }) => (
        <label key={type} className={type === chosen ? "chosen" : undefined}>
          <input
            type="radio"
            name={id}
            checked={type === chosen}
            onChange={() => onChoose(type)}
            aria-labelledby={`${id}-${type}`}
            aria-describedby={`${id}-${type}-does`}
          />
          <span>
            <b id={`${id}-${type}`}>{type}</b>
            <span className="hint" id={`${id}-${type}-does`}>
              {description}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
