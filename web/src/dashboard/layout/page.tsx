import { useEffect, type ReactNode } from "react";

interface Props {
  readonly title: string;
  /** Beside the title: what can be done here. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page under its title, which is the tab's too. */
export function Page({ title, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Jobmill`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}
