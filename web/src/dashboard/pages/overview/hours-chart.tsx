import { useId } from "react";
import type { HourView } from "../../api/views.js";
import { count } from "../../parts/numbers.js";
import { clock, ends, inWords, KINDS, stack, top } from "./figures.js";

const HEIGHT = 132;

/** The ends of each hour: completed plain, failed striped, cancelled dotted, so that they differ without their colours. */
export function HoursChart({ hours }: { readonly hours: readonly HourView[] }) {
  const id = useId();
  const highest = top(hours);
  const step = 100 / Math.max(1, hours.length);
  return (
    <figure className="hours">
      <svg height={HEIGHT + 24} role="img" aria-label={inWords(hours)}>
        <Patterns id={id} />
        {[0, highest / 2, highest].map((value) => (
          <g key={value} className="line">
            <line x1={0} x2="100%" y1={y(value, highest)} y2={y(value, highest)} />
            <text x={-8} y={y(value, highest) + 4} textAnchor="end">
              {count(value)}
            </text>
          </g>
        ))}
        {hours.map((hour, index) => (
          <Bar key={hour.startsAt} hour={hour} x={index * step} width={step * 0.78} highest={highest} id={id} />
        ))}
        {hours.map((hour, index) => {
          const isLast = index === hours.length - 1;
          // The last one is the hour that runs.
          return index % 6 === 0 ? (
            <text key={hour.startsAt} className="hour" x={`${index * step}%`} y={HEIGHT + 20}>
              {isLast ? "" : clock(hour.startsAt)}
            </text>
          ) : null;
        })}
        <text className="hour" x="100%" y={HEIGHT + 20} textAnchor="end">
          now
        </text>
      </svg>
      <figcaption>
        {KINDS.map((kind) => (
          <span key={kind}>
            <svg width={14} height={14} aria-hidden="true">
              <rect className={kind} width={14} height={14} fill={`url(#${id}-${kind})`} />
            </svg>
            {kind}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface BarProps {
  readonly hour: HourView;
  readonly x: number;
  readonly width: number;
  readonly highest: number;
  readonly id: string;
}

function Bar({ hour, x, width, highest, id }: BarProps) {
  return (
    <g>
      <title>
        {`${clock(hour.startsAt)}: ${hour.completed} completed, ${hour.failed} failed, ${hour.cancelled} cancelled`}
      </title>
      <rect className="ground" x={`${x}%`} width={`${width}%`} y={y(highest, highest)} height={HEIGHT - 8} />
      {stack(hour).map(({ kind, from, to }) => (
        <rect
          key={kind}
          className={kind}
          x={`${x}%`}
          width={`${width}%`}
          y={y(to, highest)}
          height={y(from, highest) - y(to, highest)}
          fill={`url(#${id}-${kind})`}
        />
      ))}
    </g>
  );
}

function Patterns({ id }: { readonly id: string }) {
  return (
    <defs>
      <pattern id={`${id}-completed`} className="completed" width={6} height={6} patternUnits="userSpaceOnUse">
        <rect className="paint" width={6} height={6} />
      </pattern>
      <pattern
        id={`${id}-failed`}
        className="failed"
        width={6}
        height={6}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect className="paint" width={3.5} height={6} />
      </pattern>
      <pattern id={`${id}-cancelled`} className="cancelled" width={4} height={4} patternUnits="userSpaceOnUse">
        <circle className="paint" cx={2} cy={2} r={1.2} />
      </pattern>
    </defs>
  );
}

function y(value: number, highest: number): number {
  return HEIGHT - (value / highest) * (HEIGHT - 8);
}

/** The chart's figures, of the hours in which something ended. */
export function HoursTable({ hours }: { readonly hours: readonly HourView[] }) {
  const busy = hours.filter((hour) => ends(hour) > 0);
  if (busy.length === 0) return null;
  return (
    <details>
      <summary>Figures by hour</summary>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Hour from</th>
              {KINDS.map((kind) => (
                <th key={kind} scope="col" className="number">
                  {kind}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {busy.map((hour) => (
              <tr key={hour.startsAt}>
                <th scope="row">{clock(hour.startsAt)}</th>
                {KINDS.map((kind) => (
                  <td key={kind} className="number">
                    {count(hour[kind])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
