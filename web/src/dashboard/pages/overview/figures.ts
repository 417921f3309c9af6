import type { HourView } from "../../api/views.js";
import { count } from "../../parts/numbers.js";

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const RATE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** How a job can end, of a bar's bottom to its top: what is most, and good, stands on the ground. */
export const KINDS = ["completed", "failed", "cancelled"] as const;

export interface Figures {
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly ended: number;
  /** The hour in which most jobs ended, the first of several; null when none did. */
  readonly busiest: HourView | null;
}

export function ends({ completed, failed, cancelled }: HourView): number {
  return completed + failed + cancelled;
}

export function figures(hours: readonly HourView[]): Figures {
  const sum = { completed: 0, failed: 0, cancelled: 0, ended: 0, busiest: null as HourView | null };
  for (const hour of hours) {
    sum.completed += hour.completed;
    sum.failed += hour.failed;
    sum.cancelled += hour.cancelled;
    sum.ended += ends(hour);
    if (ends(hour) > (sum.busiest ? ends(sum.busiest) : 0)) sum.busiest = hour;
  }
  return sum;
}

/** `Last 24 hours: 120 completed, 3 failed (2.4 %), 1 cancelled; busiest hour 14:00 with 30` */
export function inWords(hours: readonly HourView[]): string {
  const { completed, failed, cancelled, busiest } = figures(hours);
  if (!busiest) return "Last 24 hours: no job ended";
  const share = failed > 0 ? ` (${failureRate({ completed, failed })})` : "";
  const parts = `${count(completed)} completed, ${count(failed)} failed${share}, ${count(cancelled)} cancelled`;
  return `Last 24 hours: ${parts}; busiest hour ${clock(busiest.startsAt)} with ${count(ends(busiest))}`;
}

/** How many of the jobs that were not cancelled failed, in words: `2.4 %`; null when there were none. */
export function failureRate({ completed, failed }: Pick<Figures, "completed" | "failed">): string | null {
  return completed + failed === 0 ? null : `${RATE.format((100 * failed) / (completed + failed))} %`;
}

/** How many jobs ended in an hour, over the time that the hours cover: `5.2 jobs an hour`. */
export function throughput(hours: readonly HourView[], now: number): string | null {
  const first = hours[0];
  if (!first) return null;
  const spanHours = Math.max(1, (now - Date.parse(first.startsAt)) / 3_600_000);
  const each = RATE.format(figures(hours).ended / spanHours);
  return `${each} ${each === "1" ? "job" : "jobs"} an hour`;
}

/** The least round number (1, 2, 4, 5 times a power of ten) that no bar is above; at least 2, so that its half is whole. */
export function top(hours: readonly HourView[]): number {
  const highest = Math.max(2, ...hours.map(ends));
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 4, 5, 10].map((step) => step * power).find((round) => round >= highest && round % 2 === 0) ?? highest;
}

/** `14:00`, of the reader's clock. */
export function clock(at: string): string {
  return CLOCK.format(new Date(at));
}

export interface Segment {
  readonly kind: (typeof KINDS)[number];
  readonly from: number;
  readonly to: number;
}

/** An hour's ends as parts of one bar, bottom first; none for kinds without any. */
export function stack(hour: HourView): readonly Segment[] {
  const { completed, failed } = hour;
  const starts = { completed: 0, failed: completed, cancelled: completed + failed };
  return KINDS.filter((kind) => hour[kind] > 0).map((kind) => ({
    kind,
    from: starts[kind],
    to: starts[kind] + hour[kind],
  }));
}
