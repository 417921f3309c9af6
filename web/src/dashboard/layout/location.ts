import { useCallback, useSyncExternalStore } from "react";
import type { BaseLocationHook } from "wouter";

/** Routes lie behind the `#`: the server knows one page, and a filter's words lie there too: `#/jobs?status=Failed`. */
export const useHashPath: BaseLocationHook = () => [useHash(path), navigate];
useHashPath.hrefs = (href) => `#${href}`;

export function useHashQuery(): string {
  return useHash(query);
}

/** The words behind the path's `?`, and how to change some of them: null takes one away. No step back is made of it. */
export function useFilter(): [URLSearchParams, (changes: Readonly<Record<string, string | null>>) => void] {
  const words = new URLSearchParams(useHashQuery());
  const change = useCallback((changes: Readonly<Record<string, string | null>>) => {
    const changed = new URLSearchParams(query());
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") changed.delete(name);
      else changed.set(name, value);
    }
    const text = changed.toString();
    navigate(text ? `${path()}?${text}` : path(), { replace: true });
  }, []);
  return [words, change];
}

function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const before = window.location.href;
  window.history[replace ? "replaceState" : "pushState"](null, "", `#${to}`);
  window.dispatchEvent(new HashChangeEvent("hashchange", { oldURL: before, newURL: window.location.href }));
}

function useHash(read: () => string): string {
  return useSyncExternalStore(subscribe, read);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

function path(): string {
  return `/${hash().split("?")[0]}`;
}

function query(): string {
  return hash().split("?").slice(1).join("?");
}

function hash(): string {
  return window.location.hash.replace(/^#?\/?/, "");
}
