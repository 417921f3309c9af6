/** What is followed: a job, or the jobs of a project. */
export type Topic = { readonly jobId: string } | { readonly projectId: string };

/** A topic that nobody looks at any more is followed on for this long: from page to page it is mostly the same one. */
const LINGER_MS = 5_000;
/** What is asked for and not answered in this time never will be. */
const ANSWER_MS = 10_000;

type State = "asked" | "followed" | "refused" | "leaving";

interface Entry {
  readonly topic: Topic;
  /** How many look at it. */
  count: number;
  state: State;
  timer: ReturnType<typeof setTimeout> | undefined;
}

interface Wire {
  /** Ask for it, or to leave it, if the socket is open. */
  ask(verb: "subscribe" | "unsubscribe", topic: Topic): void;
  isOpen(): boolean;
  /** An answer did not come. */
  unanswered(): void;
  /** All that is asked for is followed from now on, or there is something that cannot be. */
  changed(): void;
}

/** The topics of a connection, each asked for once, one thing at a time: what is asked for together may be done in any order. */
export class Topics {
  readonly #entries = new Map<string, Entry>();

  constructor(readonly wire: Wire) {}

  /** Follow it until the answer is called. */
  follow(topic: Topic): () => void {
    const key = keyOf(topic);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { topic, count: 0, state: "asked", timer: undefined };
      this.#entries.set(key, entry);
      this.#ask(entry);
    }
    entry.count++;
    if (entry.state === "followed") clearTimeout(entry.timer); // It was about to be left.
    if (entry.state === "refused") this.#ask(entry);
    const followed = entry;
    return () => {
      if (--followed.count === 0 && followed.state !== "leaving") this.#linger(followed);
    };
  }

  /** The socket is open: ask for all of them. */
  askAll(): void {
    for (const entry of this.#entries.values()) {
      if (entry.count === 0) this.#drop(entry);
      else this.#ask(entry);
    }
  }

  /** The socket is lost, and with it all that was asked. */
  lose(): void {
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
      if (entry.count === 0) this.#drop(entry);
      else entry.state = "asked";
    }
  }

  /** An answer came: `subscribed`, `unsubscribed` or `error`. */
  answered(type: string, topic: Topic): void {
    const entry = this.#entries.get(keyOf(topic));
    if (!entry) return;
    const isLeaving = entry.state === "leaving";
    if (isLeaving !== (type === "unsubscribed") && type !== "error") return;
    clearTimeout(entry.timer);
    if (!isLeaving) {
      entry.state = type === "error" ? "refused" : "followed";
      if (entry.count === 0) this.#linger(entry);
    } else if (entry.count > 0) this.#ask(entry);
    else this.#drop(entry);
    this.wire.changed();
  }

  /** Whether all that is looked at is followed. */
  get areFollowed(): boolean {
    return [...this.#entries.values()].every(({ count, state }) => count === 0 || state === "followed");
  }

  /** Whether something that is looked at cannot be followed. */
  get areRefused(): boolean {
    return [...this.#entries.values()].some(({ count, state }) => count > 0 && state === "refused");
  }

  #ask(entry: Entry): void {
    entry.state = "asked";
    if (!this.wire.isOpen()) return;
    this.wire.ask("subscribe", entry.topic);
    this.#await(entry);
  }

  #linger(entry: Entry): void {
    if (entry.state === "asked") return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      if (entry.state !== "followed" || !this.wire.isOpen()) return this.#drop(entry);
      entry.state = "leaving";
      this.wire.ask("unsubscribe", entry.topic);
      this.#await(entry);
    }, LINGER_MS);
  }

  #await(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.wire.unanswered(), ANSWER_MS);
  }

  #drop(entry: Entry): void {
    clearTimeout(entry.timer);
    this.#entries.delete(keyOf(entry.topic));
  }
}

function keyOf(topic: Topic): string {
  return "jobId" in topic ? `job ${topic.jobId}` : `project ${topic.projectId}`;
}
