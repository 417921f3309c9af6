import type { JobFilter } from "../../api/queries.js";

/** The filter that the URL's words tell, of a project. */
export function readFilter(projectId: string, words: URLSearchParams): JobFilter {
  return {
    projectId,
    status: words.get("status"),
    type: words.get("type"),
    from: words.get("from"),
    until: words.get("until"),
  };
}

export function isFiltered({ status, type, from, until }: JobFilter): boolean {
  return [status, type, from, until].some(Boolean);
}

/** What a field for date and time shows of a moment, in the reader's time zone; empty for none. */
export function localText(at: string | null | undefined): string {
  const time = at ? new Date(at) : null;
  if (!time || Number.isNaN(time.getTime())) return "";
  const day = [padded(time.getFullYear(), 4), padded(time.getMonth() + 1), padded(time.getDate())].join("-");
  return `${day}T${padded(time.getHours())}:${padded(time.getMinutes())}`;
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}

/** The moment, in UTC, that a field for date and time says in the reader's time zone; null for none, and a year half typed. */
export function momentOf(text: string): string | null {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) || time.getFullYear() < 1970 ? null : time.toISOString();
}

/** The reader's time zone, as `Europe/Rome`. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The address of a list of jobs. */
export function jobsAddress(filter: Readonly<Record<string, string | null | undefined>>): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) words.set(name, value);
  const text = words.toString();
  return text ? `/jobs?${text}` : "/jobs";
}
