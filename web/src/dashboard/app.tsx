import { QueryClient, QueryClientProvider, QueryErrorResetBoundary } from "@tanstack/react-query";
import { Component, Suspense, useEffect, type ReactNode } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { JobmillError } from "../client/errors.js";
import { Frame } from "./layout/frame.js";
import { useHashPath, useHashQuery } from "./layout/location.js";
import { Page } from "./layout/page.js";
import { LiveProvider } from "./live/use-live.js";
import { EmptyNote, Loading, ProblemNote } from "./parts/notes.js";
import { JobPage } from "./pages/job/job-page.js";
import { JobsPage } from "./pages/jobs/jobs-page.js";
import { NewJobPage } from "./pages/new-job/new-job-page.js";
import { OverviewPage } from "./pages/overview/overview-page.js";
import { TaskPage } from "./pages/tasks/task-page.js";
import { TasksPage } from "./pages/tasks/tasks-page.js";
import { SignInPage } from "./session/sign-in-page.js";
import { useSession } from "./session/use-session.js";

/** What a repeat may mend is asked for again, twice; a refusal is shown at once. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && error instanceof JobmillError && error.isTemporary,
      retryDelay: (count, error) => (error instanceof JobmillError && error.retryAfterMs) || 1_000 * 2 ** count,
      // Without a network too: the requests themselves tell that they are not answered.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export function App() {
  const session = useSession();
  // What one person has seen is not for the next.
  useEffect(() => (session === "in" ? undefined : queries.clear()), [session]);
  if (session !== "in") return <SignInPage hasEnded={session === "ended"} />;
  return (
    <QueryClientProvider client={queries}>
      <Boundary>
        <Suspense fallback={<Loading what="Jobmill" />}>
          <LiveProvider>
            {/* oxlint-disable-next-line react/hooks -- how wouter is told of them */}
            <Router hook={useHashPath} searchHook={useHashQuery}>
              <Frame>
                <Pages />
              </Frame>
            </Router>
          </LiveProvider>
        </Suspense>
      </Boundary>
    </QueryClientProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  return (
    <Boundary key={path}>
      <Suspense fallback={<Loading what="the page" />}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/jobs" component={JobsPage} />
          <Route path="/jobs/:id" component={JobPage} />
          <Route path="/new" component={NewJobPage} />
          <Route path="/tasks" component={TasksPage} />
          <Route path="/tasks/:name" component={TaskPage} />
          <Route>
            <Page title="Not found">
              <EmptyNote title="There is no such page.">
                <a href="#/">Go to the overview</a>
              </EmptyNote>
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

/** Shows what a page's queries throw, and lets it be tried again. */
function Boundary({ children }: { readonly children: ReactNode }) {
  return <QueryErrorResetBoundary>{({ reset }) => <Catch onRetry={reset}>{children}</Catch>}</QueryErrorResetBoundary>;
}

interface CatchProps {
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

class Catch extends Component<CatchProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const retry = () => {
      this.props.onRetry();
      this.setState({ error: null });
    };
    return <ProblemNote error={error} onRetry={retry} />;
  }
}
