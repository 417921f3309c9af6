import { Page } from "../../layout/page.js";
import { useProject } from "../../layout/project.js";
import { NoProjectsNote } from "../../parts/no-projects-note.js";
import { ProjectSelect } from "../../parts/project-select.js";
import { ProjectActivity } from "./project-activity.js";
import { ProjectCards } from "./project-cards.js";
import { ProjectJobs } from "./project-jobs.js";

/** How all is: a card for each project, and what goes on in the chosen one. */
export function OverviewPage() {
  const { projectId, projects, choose } = useProject();
  if (projectId === null) {
    return (
      <Page title="Overview">
        <NoProjectsNote />
      </Page>
    );
  }
  const name = projects.find(({ id }) => id === projectId)?.name ?? projectId;
  return (
    <Page title="Overview">
      <ProjectCards projects={projects} />
      <section className="chosen-project" aria-labelledby="chosen-project">
        <div className="page-head">
          <h2 id="chosen-project">What goes on in {name}</h2>
          {projects.length > 1 && <ProjectSelect projects={projects} chosen={projectId} onChoose={choose} />}
        </div>
        <ProjectActivity key={projectId} projectId={projectId} />
        <ProjectJobs projectId={projectId} />
      </section>
    </Page>
  );
}
