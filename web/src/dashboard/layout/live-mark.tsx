import { useLiveState, type LiveState } from "../live/use-live.js";

const WORDS: Readonly<Record<LiveState, readonly [string, string]>> = {
  live: ["Live", "Changes are shown as they happen."],
  polling: ["Polling", "There is no live connection: what you see is fetched every few seconds."],
  offline: ["Offline", "Jobmill cannot be reached: what you see may be old."],
};

/** How fresh what is seen is. */
export function LiveMark() {
  const state = useLiveState();
  const [word, sentence] = WORDS[state];
  return (
    <span className={`live-mark ${state}`} role="status" title={sentence}>
      {word}
    </span>
  );
}
