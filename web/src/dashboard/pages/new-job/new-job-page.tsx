import { Link } from "wouter";
import { useFilter } from "../../layout/location.js";
import { Page } from "../../layout/page.js";
import { useProject } from "../../layout/project.js";
import { EmptyNote } from "../../parts/notes.js";
import { CorrectionForm } from "./correction-form.js";
import { OrderForm } from "./order-form.js";

/** Submit a job: `#/new?type=&project=`, or `?continues=` for the corrected rows of an import. */
export function NewJobPage() {
  const [words] = useFilter();
  const continues = words.get("continues");
  if (continues) {
    return (
      <Page title="Send corrected rows">
        <CorrectionForm key={continues} jobId={continues} />
      </Page>
    );
  }
  return (
    <Page title="New job">
      <Order />
    </Page>
  );
}

function Order() {
  const { projectId, projects, choose } = useProject();
  const [words] = useFilter();
  const writable = projects.filter(({ id, role }) => role === "writer" && id !== "system");
  if (writable.length === 0) {
    return (
      <EmptyNote title={projects.length === 0 ? "You are in no project yet." : "You may only read your projects."}>
        <p>Who is a writer of a project may submit jobs in it. Ask the operator for it.</p>
        <Link href="/jobs">Go to the jobs</Link>
      </EmptyNote>
    );
  }
  // Of a project that the address names nothing else is taken in its place.
  const isNamed = words.get("project") !== null;
  const chosen = writable.find(({ id }) => id === projectId)?.id ?? (isNamed ? null : (writable[0]?.id ?? null));
  const name = projects.find(({ id }) => id === projectId)?.name ?? projectId;
  return (
    <>
      {chosen === null && (
        <div className="note warning" role="status">
          You may not submit jobs in the project {name}. Choose one that you may write.
        </div>
      )}
      <OrderForm projects={writable} projectId={chosen} onProject={choose} />
    </>
  );
}
