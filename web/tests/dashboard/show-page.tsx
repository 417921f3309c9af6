import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render } from "@testing-library/react";
import { Suspense } from "react";
import { vi } from "vitest";
import { Route, Router } from "wouter";
import type { MeView } from "../../src/dashboard/api/views.js";
import { useHashPath, useHashQuery } from "../../src/dashboard/layout/location.js";

export const WRITER: MeView = {
  id: "p",
  name: "P",
  isAdmin: false,
  projects: [{ id: "demo", name: "Demo", role: "writer" }],
};
export const READER: MeView = { ...WRITER, projects: [{ id: "demo", name: "Demo", role: "reader" }] };
export const ADMIN: MeView = { ...WRITER, isAdmin: true };

// On a machine that has more to do a page takes its time.
configure({ asyncUtilTimeout: 5_000 });
vi.setConfig({ testTimeout: 30_000 });

// What jsdom has no dialogs for; the browser's tests see the real ones.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

/** A page at its address, as `#/jobs?status=Failed`, without the frame and the live connection. */
export function showPage(route: string, address: string, Shown: () => React.ReactNode) {
  window.location.hash = address;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <Suspense fallback="…">
        {/* oxlint-disable-next-line react/hooks -- how wouter is told of them */}
        <Router hook={useHashPath} searchHook={useHashQuery}>
          <Route path={route} component={Shown} />
        </Router>
      </Suspense>
    </QueryClientProvider>,
  );
}
