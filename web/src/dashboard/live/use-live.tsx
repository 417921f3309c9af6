import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { post } from "../api/request.js";
import type { LiveTicketView } from "../api/views.js";
import { applyMessage, Refresher } from "./cache.js";
import { LiveConnection } from "./connection.js";
import { reachability } from "./reachability.js";
import type { Topic } from "./topics.js";

/** How the page learns of changes: told at once, by asking, or not at all. */
export type LiveState = "live" | "polling" | "offline";

interface Live {
  readonly state: LiveState;
  readonly connection: LiveConnection | null;
}

const LiveContext = createContext<Live>({ state: "polling", connection: null });

/** Opens the page's socket, and puts what it tells into the cache of queries. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(false);
  const [refresher] = useState(() => new Refresher(queries));
  const [connection] = useState(
    () =>
      new LiveConnection(() => post<LiveTicketView>("api/live-tickets"), {
        onJob: (message) => applyMessage(queries, refresher, message),
        onFollowed: () => refresher.all(),
        onLive: setLive,
      }),
  );
  useEffect(() => {
    connection.open();
    const ping = () => connection.ping();
    window.addEventListener("online", ping);
    document.addEventListener("visibilitychange", ping);
    return () => {
      window.removeEventListener("online", ping);
      document.removeEventListener("visibilitychange", ping);
      connection.close();
      refresher.stop();
    };
  }, [connection, refresher]);
  const isReachable = useSyncExternalStore(reachability.subscribe, () => reachability.isReachable);
  const state = !isReachable ? "offline" : isLive ? "live" : "polling";
  const live = useMemo(() => ({ state, connection }) as const, [state, connection]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLiveState(): LiveState {
  return use(LiveContext).state;
}

/** Follow a job, or a project's jobs, for as long as the component is there; nothing for null. */
export function useFollow(topic: Topic | null): void {
  const { connection } = use(LiveContext);
  const key = topic && JSON.stringify(topic);
  useEffect(() => (key ? connection?.follow(JSON.parse(key) as Topic) : undefined), [connection, key]);
}

interface Rhythm {
  readonly isTold?: boolean;
  readonly pollMs?: number;
  readonly liveMs?: number;
}

/**
 * How often a query is asked again, in milliseconds: seldom while the socket tells of changes, often while it does not.
 * For things of which the socket never tells, such as tasks, `isTold` is false.
 */
export function useRefetchMs({ isTold = true, pollMs = 3_000, liveMs = 60_000 }: Rhythm = {}): number {
  const state = useLiveState();
  return state === "live" && isTold ? liveMs : state === "offline" ? 5_000 : pollMs;
}
