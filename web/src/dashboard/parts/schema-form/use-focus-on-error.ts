import { useEffect, useRef, type RefObject } from "react";
import type { FieldError } from "../../../client/errors.js";

/** Goes to the first field that is wrong whenever errors come. */
export function useFocusOnError(errors: readonly FieldError[]): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  const said = JSON.stringify(errors);
  useEffect(() => {
    if (said !== "[]") form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [said]);
  return form;
}
