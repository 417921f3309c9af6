import { useLayoutEffect, useRef, type ReactNode } from "react";
import { Button } from "./button.js";

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  /** What is done: `Cancel 12 jobs`. */
  readonly yes: string;
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

/** A question before something is done that is not undone by a click. */
export function ConfirmDialog({ title, children, yes, isDangerous = false, isBusy = false, onYes, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it leaves the page: closing gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
      <div className="actions">
        <Button onClick={onClose}>Not now</Button>
        <Button kind={isDangerous ? "danger" : "primary"} isBusy={isBusy} onClick={onYes}>
          {yes}
        </Button>
      </div>
    </dialog>
  );
}
