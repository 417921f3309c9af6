import { useEffect, useState } from "react";
import { Button } from "./button.js";

interface Props {
  readonly text: string;
  /** What it copies: `Copy as curl`. */
  readonly children: string;
  /** Its name where several on a page are called alike. */
  readonly label?: string;
}

const SHOWN_MS = 3_000;

/** Puts a text into the clipboard, and says so; where a browser refuses, the text is shown for copying by hand. */
export function CopyButton({ text, children, label }: Props) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state !== "copied") return undefined;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  }
  return (
    <span className="copy">
      <Button aria-label={label} onClick={() => void copy()}>
        {children}
      </Button>
      <span className="copied" role="status">
        {state === "copied" && "Copied"}
        {state === "refused" && "Your browser does not allow it. Copy it by hand:"}
      </span>
      {state === "refused" && (
        <textarea readOnly rows={4} aria-label="Text to copy" value={text} onFocus={(event) => event.target.select()} />
      )}
    </span>
  );
}
