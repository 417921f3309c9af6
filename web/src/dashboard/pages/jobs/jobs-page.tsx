import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { jobs, type JobFilter } from "../../api/queries.js";
import { useFilter } from "../../layout/location.js";
import { Page } from "../../layout/page.js";
import { useMayWrite, useProject } from "../../layout/project.js";
import { useFollow, useRefetchMs } from "../../live/use-live.js";
import { Button } from "../../parts/button.js";
import { NoProjectsNote } from "../../parts/no-projects-note.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { count } from "../../parts/numbers.js";
import { BulkBar } from "./bulk-bar.js";
import { BulkOutcome } from "./bulk-outcome.js";
import { FilterForm } from "./filter-form.js";
import { isFiltered, jobsAddress, readFilter } from "./filter.js";
import { JobTable } from "./job-table.js";
import { useBulkRun, type Order } from "./use-bulk-run.js";
import { useChoice } from "./use-choice.js";

/** The jobs of a project that match the filter, which the address holds. */
export function JobsPage() {
  const { projectId, projects, choose } = useProject();
  const [words, change] = useFilter();
  const [, navigate] = useLocation();
  const isNamed = words.has("project");
  useEffect(() => {
    // An address that is handed on shows others the same list.
    if (!isNamed && projectId !== null) change({ project: projectId });
  }, [isNamed, projectId, change]);
  if (projectId === null) {
    return (
      <Page title="Jobs">
        <NoProjectsNote />
      </Page>
    );
  }
  const filter = readFilter(projectId, words);
  function refine(changes: Readonly<Record<string, string | null>>, isStep: boolean) {
    const { projectId: project, ...rest } = filter;
    if (isStep) navigate(jobsAddress({ project, ...rest, ...changes }));
    else change(changes);
  }
  return (
    <Page title="Jobs">
      <FilterForm filter={filter} projects={projects} onProject={choose} onChange={refine} />
      <JobList filter={filter} />
    </Page>
  );
}

function JobList({ filter }: { readonly filter: JobFilter }) {
  useFollow({ projectId: filter.projectId });
  const query = useJobList(filter);
  const shown = query.data?.pages.flatMap((page) => page.body) ?? [];
  const mayWrite = useMayWrite(filter.projectId);
  const choice = useChoice(JSON.stringify(filter), shown);
  const bulk = useBulkRun();
  function begin(order: Order) {
    choice.setAll(false);
    bulk.begin(order);
  }
  const isBusy = bulk.run?.state === "running" || bulk.run?.state === "stopping";
  return (
    <>
      {bulk.run && (
        <BulkOutcome run={bulk.run} onStop={bulk.stop} onGoOn={bulk.goOn} onClose={bulk.close} key={bulk.number} />
      )}
      <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading what="jobs" />}
      {query.data && shown.length === 0 && <NoJobs filter={filter} mayWrite={mayWrite} />}
      {shown.length > 0 && (
        <section className="card" aria-label="Jobs">
          {mayWrite ? (
            <BulkBar filter={filter} chosen={choice.chosen} isBusy={isBusy} onOrder={begin} />
          ) : (
            <p className="quiet">You read this project: its writers cancel and retry jobs.</p>
          )}
          <JobTable jobs={shown} choice={mayWrite ? choice : null} isOld={query.isPlaceholderData} />
          <div className="more">
            <span role="status">
              {query.hasNextPage
                ? `The newest ${count(shown.length)} are shown`
                : `All ${count(shown.length)} are shown`}
            </span>
            {query.hasNextPage && (
              <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Load more
              </Button>
            )}
          </div>
        </section>
      )}
    </>
  );
}

/** The more pages are shown, the more there is to ask, and the less often it is. */
function useJobList(filter: JobFilter) {
  const often = useRefetchMs();
  return useInfiniteQuery({
    ...jobs(filter),
    refetchInterval: ({ state }) => often * Math.max(1, state.data?.pages.length ?? 1),
    placeholderData: keepPreviousData,
  });
}

function NoJobs({ filter, mayWrite }: { readonly filter: JobFilter; readonly mayWrite: boolean }) {
  if (isFiltered(filter)) {
    return <EmptyNote title="No job matches.">Change the filter, or clear it.</EmptyNote>;
  }
  return (
    <EmptyNote title={`There are no jobs in ${filter.projectId} yet.`}>
      {mayWrite ? <Link href="/new">Submit a job</Link> : <p>Its writers submit jobs; you will see them here.</p>}
    </EmptyNote>
  );
}
