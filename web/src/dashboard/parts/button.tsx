import type { ButtonHTMLAttributes } from "react";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: "primary" | "plain" | "danger";
  /** Its work is under way: it shows that, and takes no second click. */
  readonly isBusy?: boolean;
}

export function Button({ kind = "plain", isBusy = false, disabled, onClick, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${kind}`}
      disabled={disabled}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </button>
  );
}
