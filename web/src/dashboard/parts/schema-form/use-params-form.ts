import { useMemo, useState } from "react";
import type { Json } from "../../api/views.js";
import { draftOf, paramsOf, parseParams, Unreadable, type Draft, type Reading } from "./draft.js";
import type { Field } from "./fields.js";

export interface ParamsForm {
  readonly fields: readonly Field[];
  readonly draft: Draft;
  /** The parameters as JSON text while they are edited so; null while by fields. */
  readonly text: string | null;
  /** Why the text cannot be shown as fields. */
  readonly textError: string | null;
  set(path: string, value: string): void;
  /** Set it, if nobody has typed anything else. */
  suggest(path: string, value: string): void;
  setText(text: string): void;
  editAsJson(isJson: boolean): void;
  /** What is typed, as parameters; an error of the text as a whole has the field `""`. */
  read(): Reading;
}

const NOT_FOR_FIELDS = "These parameters have something that the fields cannot show: go on as JSON.";

/**
 * What is typed of a type's parameters, by fields or as JSON. Types share what they have in common, such as the dataset, and
 * what is typed of one is still there when the person comes back to it.
 */
export function useParamsForm(type: string, fields: readonly Field[], initial: Json = {}): ParamsForm {
  const [draft, setDraft] = useState<Draft>(() => draftOf(fields, initial) ?? {});
  const [texts, setTexts] = useState<Readonly<Record<string, string | null>>>(() =>
    draftOf(fields, initial) ? {} : { [type]: JSON.stringify(initial, null, 2) },
  );
  const [suggested, setSuggested] = useState<Draft>({});
  const [textError, setTextError] = useState<string | null>(null);
  const text = texts[type] ?? null;
  return useMemo(() => {
    const setText = (changed: string | null) => {
      setTextError(null);
      setTexts((before) => ({ ...before, [type]: changed }));
    };
    const editByFields = () => {
      try {
        const changed = draftOf(fields, parseParams(text ?? ""));
        if (!changed) return setTextError(NOT_FOR_FIELDS);
        // What was typed of the type's own fields is what the text says of them now.
        setDraft((before) => ({ ...without(before, fields), ...changed }));
        setText(null);
      } catch (error) {
        setTextError(sentence(error));
      }
    };
    const read = (): Reading => {
      if (text === null) return paramsOf(fields, draft);
      try {
        return { params: parseParams(text), errors: [] };
      } catch (error) {
        return { params: {}, errors: [{ field: "", message: sentence(error) }] };
      }
    };
    return {
      fields,
      draft,
      text,
      textError,
      set: (path, value) => setDraft((before) => ({ ...before, [path]: value })),
      suggest: (path, value) => {
        setDraft((before) =>
          (before[path] ?? "") === (suggested[path] ?? "") ? { ...before, [path]: value } : before,
        );
        setSuggested((before) => ({ ...before, [path]: value }));
      },
      setText,
      editAsJson: (isJson) =>
        isJson ? setText(JSON.stringify(paramsOf(fields, draft).params, null, 2)) : editByFields(),
      read,
    };
  }, [type, fields, draft, suggested, text, textError]);
}

function without(draft: Draft, fields: readonly Field[]): Draft {
  const isOwn = (path: string) => fields.some((each) => path === each.path || path.startsWith(`${each.path}.`));
  return Object.fromEntries(Object.entries(draft).filter(([path]) => !isOwn(path)));
}

function sentence(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  throw error;
}
