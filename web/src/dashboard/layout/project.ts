import { useSuspenseQuery } from "@tanstack/react-query";
import { me } from "../api/queries.js";
import type { MembershipView } from "../api/views.js";
import { useFilter } from "./location.js";

const KEY = "jobmill-project";

/** The project that a page is about: the URL's, else the one of last time, else the person's first; null without any. */
export function useProject(): {
  projectId: string | null;
  projects: readonly MembershipView[];
  choose: (id: string) => void;
} {
  const { projects } = useSuspenseQuery(me).data;
  const [words, change] = useFilter();
  const remembered = localStorage.getItem(KEY);
  const isKnown = (id: string | null) => projects.some((each) => each.id === id);
  const projectId = words.get("project") ?? (isKnown(remembered) ? remembered : (projects[0]?.id ?? null));
  function choose(id: string) {
    localStorage.setItem(KEY, id);
    change({ project: id, cursor: null });
  }
  return { projectId, projects, choose };
}

/** Whether the person may submit, cancel and retry in the project. */
export function useMayWrite(projectId: string | null): boolean {
  const person = useSuspenseQuery(me).data;
  if (person.isAdmin) return true;
  return projectId !== "system" && person.projects.some((each) => each.id === projectId && each.role === "writer");
}
