import { useSuspenseQuery } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { me } from "../api/queries.js";
import { Button } from "../parts/button.js";
import { session } from "../session/use-session.js";
import { LiveMark } from "./live-mark.js";

const PLACES = [
  { to: "/", name: "Overview" },
  { to: "/jobs", name: "Jobs" },
  { to: "/new", name: "New job" },
  { to: "/tasks", name: "Tasks" },
] as const;

/** What is around every page: where one can go, who one is, how fresh what is seen is. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { data: person } = useSuspenseQuery(me);
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // A new page begins at its top, for readers by ear too; the first one where the browser is.
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <>
      <header className="frame">
        <a className="skip" href={`#${path}`} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
          Skip to content
        </a>
        <span className="brand">
          <img src={new URL("../icon.svg", import.meta.url).href} alt="" width={24} height={24} />
          Jobmill
        </span>
        <nav aria-label="Pages">
          {PLACES.map(({ to, name }) => (
            <Link key={to} href={to} aria-current={isWithin(path, to) ? "page" : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <LiveMark />
        <span className="person" title={person.isAdmin ? "Admin" : undefined}>
          {person.name}
        </span>
        <Button onClick={() => session.end()}>Sign out</Button>
      </header>
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function isWithin(path: string, place: string): boolean {
  return place === "/" ? path === "/" : path === place || path.startsWith(`${place}/`);
}
