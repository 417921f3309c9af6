import { useId, useState, type DragEvent } from "react";
import { Button } from "./button.js";
import { fileSize } from "./numbers.js";
import { FieldNotes } from "./field-notes.js";

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly file: File | null;
  readonly onFile: (file: File | null) => void;
  /** What is wrong with the file, if something is. */
  readonly error?: string | null;
  readonly isDisabled?: boolean;
  readonly isOptional?: boolean;
}

/** Where a file is dropped or chosen. The one that is chosen can be taken away again. */
export function FileDrop({ label, hint, file, onFile, error = null, isDisabled = false, isOptional = false }: Props) {
  const [isOver, setOver] = useState(false);
  const id = useId();
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped && !isDisabled) onFile(dropped);
  }
  return (
    <div className="field">
      <div className="name">
        <label htmlFor={id} id={`${id}-name`}>
          {label}
        </label>
        {file === null && !isOptional && <RequiredMark />}
      </div>
      <div
        className={`file-drop${isOver ? " over" : ""}${error ? " wrong" : ""}`}
        onDragOver={(event) => (event.preventDefault(), setOver(true))}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {file && (
          <p className="chosen">
            <b>{file.name}</b> <span className="quiet">{fileSize(file.size)}</span>
          </p>
        )}
        <p className="quiet">{file ? "Another one can be dropped here." : "Drop a file here, or"}</p>
        <input
          id={id}
          type="file"
          className="unseen"
          aria-labelledby={`${id}-name`}
          // Emptied at each click, so that the same file, corrected, can be chosen again
          onClick={(event) => (event.currentTarget.value = "")}
          onChange={(event) => event.target.files?.[0] && onFile(event.target.files[0])}
          disabled={isDisabled}
          aria-required={!isOptional || undefined}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-hint${error ? ` ${id}-error` : ""}`}
        />
        <div className="actions">
          <label htmlFor={id} className="button" aria-hidden="true">
            {file ? "Choose another file" : "Choose a file"}
          </label>
          {file && !isDisabled && <Button onClick={() => onFile(null)}>Remove the file</Button>}
        </div>
      </div>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

/** Beside the name of what has to be filled in; for those who listen the field itself says it. */
export function RequiredMark() {
  return (
    <span className="required" aria-hidden="true">
      required
    </span>
  );
}
