import type { ReactNode } from "react";
import { JobmillError } from "../../client/errors.js";
import { Button } from "./button.js";

/** What went wrong, in a sentence, with its code for who is asked for help; nothing without an error. */
export function ProblemNote({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  if (error === null || error === undefined) return null;
  const known = error instanceof JobmillError ? error : null;
  // A refusal of one field repeats its sentence there.
  const fields = known?.errors.filter(({ message }) => message !== known.detail) ?? [];
  return (
    <div className="note problem" role="alert">
      <p>
        {sentence(error)} {known && <code className="code">{known.code}</code>}
      </p>
      {fields.length > 0 && (
        <ul>
          {fields.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <b>{field}</b>: {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

function sentence(error: unknown): string {
  if (!(error instanceof JobmillError)) return "Something in this page went wrong. Load it again.";
  if (error.status === 403) return `You may not do this: ${error.detail}`;
  return error.detail;
}

/** That there is nothing, and what to do about it. */
export function EmptyNote({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="note empty">
      <p className="title">{title}</p>
      {children}
    </div>
  );
}

/** That something is being fetched; told to screen readers, and shown after a moment only. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> Loading {what} …
    </p>
  );
}
