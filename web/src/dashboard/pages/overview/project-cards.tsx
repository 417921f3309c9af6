import { useState } from "react";
import type { MembershipView } from "../../api/views.js";
import { count } from "../../parts/numbers.js";
import { ProjectCard } from "./project-card.js";

/** More cards than these are found by the filter: each asks for figures of its own. */
const MOST_CARDS = 12;

export function ProjectCards({ projects }: { readonly projects: readonly MembershipView[] }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = projects.filter(({ id, name }) => `${id}\n${name}`.toLowerCase().includes(wanted));
  const shown = found.slice(0, MOST_CARDS);
  return (
    <section className="projects" aria-label="Projects">
      {projects.length > MOST_CARDS && (
        <div className="find">
          <label>
            Find a project
            <input type="search" value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <p className="quiet" role="status">
            {found.length > shown.length
              ? `${count(shown.length)} of ${count(found.length)} projects are shown`
              : `${count(found.length)} of ${count(projects.length)} projects`}
          </p>
        </div>
      )}
      <div className="cards">
        {shown.map((project) => (
          <ProjectCard key={project.id} project={project} />
        ))}
      </div>
    </section>
  );
}
