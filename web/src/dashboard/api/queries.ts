import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, get } from "./request.js";
import type {
  ActivityView,
  AttemptView,
  CountsView,
  DatasetView,
  EventView,
  JobTypeView,
  JobView,
  MeView,
  PreviewView,
  SummaryView,
  TaskRunView,
  TaskView,
} from "./views.js";

/** Which jobs a list shows. */
export interface JobFilter {
  readonly projectId: string;
  readonly status?: string | null;
  readonly type?: string | null;
  /** Times with a zone, as ISO 8601. */
  readonly from?: string | null;
  readonly until?: string | null;
}

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => get<MeView>("api/me", { signal }),
  staleTime: 60_000,
});

export const jobTypes = queryOptions({
  queryKey: ["job-types"],
  queryFn: ({ signal }) => get<readonly JobTypeView[]>("api/job-types", { signal }),
  staleTime: Infinity,
});

/** Jobs, newest first, a page at a time. */
export const jobs = (filter: JobFilter, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ["jobs", filter, limit],
    queryFn: ({ signal, pageParam }) =>
      call<readonly SummaryView[]>("api/jobs", { query: { ...filter, limit, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
  });

export const stats = (projectId: string) =>
  queryOptions({
    queryKey: ["stats", projectId],
    queryFn: ({ signal }) => get<CountsView>(`api/jobs/projects/${encodeURIComponent(projectId)}/stats`, { signal }),
  });

export const activity = (projectId: string) =>
  queryOptions({
    queryKey: ["activity", projectId],
    queryFn: ({ signal }) =>
      get<ActivityView>(`api/jobs/projects/${encodeURIComponent(projectId)}/activity`, { signal }),
  });

export const job = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => get<JobView>(`api/jobs/${encodeURIComponent(id)}`, { signal }),
  });

export const attempts = (id: string) =>
  queryOptions({
    queryKey: ["job", id, "attempts"],
    queryFn: ({ signal }) => get<readonly AttemptView[]>(`api/jobs/${encodeURIComponent(id)}/attempts`, { signal }),
  });

export const events = (id: string) =>
  queryOptions({
    queryKey: ["job", id, "events"],
    queryFn: ({ signal }) => get<readonly EventView[]>(`api/jobs/${encodeURIComponent(id)}/events`, { signal }),
  });

export const preview = (id: string, report: string) =>
  queryOptions({
    queryKey: ["preview", id, report],
    queryFn: ({ signal }) =>
      get<PreviewView>(`api/jobs/${encodeURIComponent(id)}/reports/${encodeURIComponent(report)}/preview`, { signal }),
    staleTime: Infinity,
  });

export const datasets = (projectId: string) =>
  queryOptions({
    queryKey: ["datasets", projectId],
    queryFn: ({ signal }) =>
      get<readonly DatasetView[]>(`api/projects/${encodeURIComponent(projectId)}/datasets`, { signal }),
  });

export const tasks = queryOptions({
  queryKey: ["tasks"],
  queryFn: ({ signal }) => get<readonly TaskView[]>("api/tasks", { signal }),
});

export const task = (name: string) =>
  queryOptions({
    queryKey: ["tasks", name],
    queryFn: ({ signal }) => get<TaskView>(`api/tasks/${encodeURIComponent(name)}`, { signal }),
  });

export const taskRuns = (name: string) =>
  queryOptions({
    queryKey: ["tasks", name, "runs"],
    queryFn: ({ signal }) => get<readonly TaskRunView[]>(`api/tasks/${encodeURIComponent(name)}/runs`, { signal }),
  });
