import type { Json } from "../api/views.js";
import { CopyButton } from "./copy-button.js";

interface Props {
  /** What it is: `Result as JSON`. */
  readonly title: string;
  readonly value: Json;
}

/** A value as JSON, folded until it is wanted. */
export function JsonView({ title, value }: Props) {
  const text = JSON.stringify(value, null, 2);
  return (
    <details className="json-view">
      <summary>{title}</summary>
      <CopyButton text={text} label={`Copy: ${title}`}>
        Copy
      </CopyButton>
      {/* It moves in itself, by the keyboard too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </details>
  );
}
