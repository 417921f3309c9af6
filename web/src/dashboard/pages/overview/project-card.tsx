import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { activity, stats } from "../../api/queries.js";
import { STATUSES, type CountsView, type MembershipView } from "../../api/views.js";
import { useFollow, useRefetchMs } from "../../live/use-live.js";
import { ProblemNote } from "../../parts/notes.js";
import { count } from "../../parts/numbers.js";
import { duration, useNow } from "../../parts/times.js";
import { jobsAddress } from "../jobs/filter.js";
import { HOURS } from "./project-activity.js";

/** Counts follow the jobs within seconds: what the socket tells may come before it is counted. */
const COUNTS = { pollMs: 5_000, liveMs: 10_000 };
/** Jobs that wait longer than this want looking at. */
const LONG_WAIT_MS = 15 * 60_000;

/** A project's counts, as the API gives them, each leading to its jobs. */
export function ProjectCard({ project }: { readonly project: MembershipView }) {
  const { id, name, role } = project;
  useFollow({ projectId: id });
  const counts = useQuery({ ...stats(id), refetchInterval: useRefetchMs(COUNTS) });
  const { data: hours } = useQuery({ ...activity(id), refetchInterval: useRefetchMs(HOURS) });
  return (
    <article className="card project" aria-label={`Project ${name}`}>
      <div className="page-head">
        <h2>
          <Link href={jobsAddress({ project: id })}>{name}</Link>
        </h2>
        <span className="quiet">
          {name !== id && <code>{id}</code>} {role}
        </span>
      </div>
      {counts.data ? (
        <Counts id={id} counts={counts.data} />
      ) : counts.error ? (
        <ProblemNote error={counts.error} onRetry={() => void counts.refetch()} />
      ) : (
        <Counts id={id} counts={null} />
      )}
      {hours && counts.data && <OldestQueued at={hours.oldestQueuedAt} queued={counts.data.queued} />}
    </article>
  );
}

function Counts({ id, counts }: { readonly id: string; readonly counts: CountsView | null }) {
  return (
    <ul className="counts" aria-busy={counts === null}>
      {STATUSES.map((status) => (
        <li key={status}>
          <Link href={jobsAddress({ project: id, status })}>
            <span className="figure">{counts ? count(counts[key(status)]) : "–"}</span>{" "}
            <span className={`status ${key(status)}`}>{status.toLowerCase()}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function key(status: (typeof STATUSES)[number]): Exclude<keyof CountsView, "total"> {
  return status.toLowerCase() as Lowercase<typeof status>;
}

interface OldestProps {
  readonly at: string | undefined;
  /** The counts are fetched more often: when they say that jobs wait, since when may not be known yet. */
  readonly queued: number;
}

function OldestQueued({ at, queued }: OldestProps) {
  const now = useNow(5_000);
  if (queued === 0) return <p className="quiet">Nothing waits.</p>;
  if (at === undefined) return <p>Jobs wait.</p>;
  const ms = Math.max(0, now - Date.parse(at));
  const unit = ms < 60_000 ? 1_000 : 60_000;
  const words = `Oldest waiting: ${duration(Math.floor(ms / unit) * unit)}`;
  return ms > LONG_WAIT_MS ? <p className="long-wait">{words}</p> : <p>{words}</p>;
}
