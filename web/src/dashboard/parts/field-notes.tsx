interface Props {
  /** The field's id; the notes' are made of it. */
  readonly id: string;
  readonly hint?: string | null | undefined;
  readonly error?: string | null | undefined;
}

/** What stands under a field: what it is for, and what is wrong with it. */
export function FieldNotes({ id, hint, error }: Props) {
  return (
    <>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
}
