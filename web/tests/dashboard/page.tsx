import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render } from "@testing-library/react";
import { Suspense } from "react";
import { vi } from "vitest";
import { Route, Router } from "wouter";
import { connect } from "../../src/dashboard/api/request.js";
import type { JobView } from "../../src/dashboard/api/views.js";
import { useHashPath, useHashQuery } from "../../src/dashboard/layout/location.js";
import { JobPage } from "../../src/dashboard/pages/job/job-page.js";
import { NewJobPage } from "../../src/dashboard/pages/new-job/new-job-page.js";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Headers;
}

/** An import that has ended. */
export const JOB: JobView = {
  id: "j1",
  type: "Import",
  projectId: "demo",
  projectName: "Demo",
  status: "Completed",
  progress: 100,
  createdAt: "2026-01-15T10:00:00.000Z",
  startedAt: "2026-01-15T10:00:01.000Z",
  completedAt: "2026-01-15T10:00:09.000Z",
  updatedAt: "2026-01-15T10:00:09.000Z",
  createdBy: "p",
  createdByName: "Pat",
  run: 1,
  attempt: 1,
  params: { uploadId: "u1", dataset: "orders" },
  reports: [],
};

// A machine with much to do is slow, and that is no failure.
configure({ asyncUtilTimeout: 5_000 });
vi.setConfig({ testTimeout: 30_000 });

export type Answers = Readonly<Record<string, unknown>>;

/** An answer that is no 200. */
export class Refused {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

/** What asks once. */
export function patient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false } } });
}

/** Opens a page on an API that answers `GET api/me` and the like as told; gives what it is asked, from now on. */
export function openPage(hash: string, answers: Answers, queries = patient()): Asked[] {
  const asked: Asked[] = [];
  connect({ token: () => Promise.resolve("token"), refused: vi.fn(), answered: vi.fn() });
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const path = new URL(url).pathname.replace(/^\//, "");
    const method = init.method ?? "GET";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    asked.push({ method, path, body, headers: new Headers(init.headers) });
    const given = answers[`${method} ${path}`];
    const answer = typeof given === "function" ? (given as () => unknown)() : given;
    const refused = answer instanceof Refused ? answer : null;
    const told = refused ? refused.body : (answer ?? null);
    return Promise.resolve(
      new Response(JSON.stringify(told), { status: refused?.status ?? (answer === undefined ? 500 : 200) }),
    );
  });
  window.location.hash = hash;
  render(
    <QueryClientProvider client={queries}>
      <Suspense fallback="…">
        {/* oxlint-disable-next-line react/hooks -- how wouter is told of them */}
        <Router hook={useHashPath} searchHook={useHashQuery}>
          <Route path="/jobs/:id" component={JobPage} />
          <Route path="/new" component={NewJobPage} />
        </Router>
      </Suspense>
    </QueryClientProvider>,
  );
  return asked;
}

export function closePage(): void {
  cleanup();
  window.location.hash = "";
  localStorage.clear();
  vi.unstubAllGlobals();
}
