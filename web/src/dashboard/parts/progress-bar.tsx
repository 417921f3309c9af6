interface Props {
  readonly percent: number;
  /** What goes on, for those who do not see the bar. */
  readonly label: string;
}

/** How far a job is: 0 to 100. */
export function ProgressBar({ percent, label }: Props) {
  return (
    <span className="progress">
      <progress max={100} value={percent} aria-label={label} />
      <span className="percent">{percent} %</span>
    </span>
  );
}
