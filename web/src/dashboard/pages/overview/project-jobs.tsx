import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { jobs, stats } from "../../api/queries.js";
import type { Status, SummaryView } from "../../api/views.js";
import { useMayWrite } from "../../layout/project.js";
import { useRefetchMs } from "../../live/use-live.js";
import { JobLines } from "../../parts/job-lines.js";
import { EmptyNote, Loading, ProblemNote } from "../../parts/notes.js";
import { jobsAddress } from "../jobs/filter.js";

const ACTIVE = 10;
const LATELY = 5;

/** What a project works on, and what ended lately; what to do first where there was no job yet. */
export function ProjectJobs({ projectId }: { readonly projectId: string }) {
  const { data: counts } = useQuery(stats(projectId));
  const mayWrite = useMayWrite(projectId);
  const running = useNewest(projectId, "Running", ACTIVE);
  const queued = useNewest(projectId, "Queued", ACTIVE);
  const completed = useNewest(projectId, "Completed", LATELY);
  const failed = useNewest(projectId, "Failed", LATELY);
  if (counts?.total === 0 && !running.jobs?.length && !queued.jobs?.length) {
    return (
      <EmptyNote title="There are no jobs here yet.">
        {mayWrite ? <Link href="/new">Submit the first job</Link> : <p>You will see them here when there are some.</p>}
      </EmptyNote>
    );
  }
  const active: List = {
    jobs: running.jobs && queued.jobs && [...running.jobs, ...queued.jobs].slice(0, ACTIVE),
    error: running.error ?? queued.error,
    retry: () => (running.retry(), queued.retry()),
  };
  const address = (status: Status) => jobsAddress({ project: projectId, status });
  return (
    <>
      <Section title="Active" none="Nothing is running or waiting." list={active} all={address("Running")} />
      <div className="cards">
        <Section title="Lately completed" none="None yet." list={completed} all={address("Completed")} />
        <Section title="Lately failed" none="None: good." list={failed} all={address("Failed")} />
      </div>
    </>
  );
}

interface List {
  readonly jobs: readonly SummaryView[] | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

function useNewest(projectId: string, status: Status, limit: number): List {
  const refetchInterval = useRefetchMs({ pollMs: 5_000 });
  const { data, error, refetch } = useInfiniteQuery({ ...jobs({ projectId, status }, limit), refetchInterval });
  // What has just moved on stands elsewhere, once that is fetched.
  const listed = data?.pages[0]?.body.filter((job) => job.status === status);
  return { jobs: listed, error, retry: () => void refetch() };
}

interface SectionProps {
  readonly title: string;
  readonly none: string;
  readonly list: List;
  /** The address of all of them. */
  readonly all: string;
}

function Section({ title, none, list: { jobs: listed, error, retry }, all }: SectionProps) {
  return (
    <section className="card" aria-label={title}>
      <div className="page-head">
        <h3>{title}</h3>
        {listed && listed.length > 0 && (
          <Link href={all} aria-label={`${title}: all jobs`}>
            All
          </Link>
        )}
      </div>
      <ProblemNote error={error} onRetry={retry} />
      {!listed && !error && <Loading what="jobs" />}
      {listed && (listed.length > 0 ? <JobLines jobs={listed} /> : <p className="quiet">{none}</p>)}
    </section>
  );
}
