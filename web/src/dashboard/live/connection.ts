import ReconnectingWebSocket from "partysocket/ws";
import type { LiveTicketView, Status } from "../api/views.js";

/** What the socket tells of a job; `run` and `version` tell old from new. */
export interface JobMessage {
  readonly type: "job-progress" | "job-completed" | "job-failed" | "job-cancelled";
  readonly jobId: string;
  readonly run: number;
  readonly version: number;
  readonly status: Status;
  readonly progress: number;
}

export type Topic = { readonly jobId: string } | { readonly projectId: string };

/** API Gateway ends a connection after ten idle minutes, and any after two hours. */
const PING_MS = 5 * 60_000;
const RENEW_MS = 110 * 60_000;
/** A connection over which nothing comes back for this long is dead, whatever the browser thinks of it. */
const PONG_MS = 10_000;

interface Told {
  /** Messages of jobs, in order and none that is older than one before. */
  onJob(message: JobMessage): void;
  /** A topic is followed from now on: what happened before has to be fetched. */
  onSubscribed(topic: Topic): void;
  onOpen(isOpen: boolean): void;
}

/** The page's one socket: after `open`, opened with a ticket, opened again when lost, with all that was followed. */
export class LiveConnection {
  readonly #socket: ReconnectingWebSocket;
  readonly #topics = new Map<string, { readonly topic: Topic; count: number }>();
  readonly #newest = new Map<string, JobMessage>();
  #timers: ReturnType<typeof setInterval>[] = [];
  #pong: ReturnType<typeof setTimeout> | undefined;

  constructor(
    ticket: () => Promise<LiveTicketView>,
    readonly told: Told,
  ) {
    this.#socket = new ReconnectingWebSocket(async () => (await ticket()).url, [], {
      minReconnectionDelay: 1_000,
      maxReconnectionDelay: 30_000,
      // API Gateway gives the function that lets it in 29 s.
      connectionTimeout: 30_000,
      // What was asked for is said anew at each opening.
      maxEnqueuedMessages: 0,
      startClosed: true,
    });
    this.#socket.addEventListener("open", () => this.#opened());
    this.#socket.addEventListener("close", () => told.onOpen(false));
    this.#socket.addEventListener("error", () => told.onOpen(false));
    this.#socket.addEventListener("message", (event: MessageEvent) => this.#heard(String(event.data)));
  }

  open(): void {
    this.#socket.reconnect();
    this.#timers = [setInterval(() => this.ping(), PING_MS), setInterval(() => this.#socket.reconnect(), RENEW_MS)];
  }

  /** See whether it is alive, and open another one if not: after a sleep or a change of networks nothing else tells. */
  ping(): void {
    if (!this.#say({ action: "ping" })) return;
    this.#pong ??= setTimeout(() => {
      this.#pong = undefined;
      this.#socket.reconnect();
    }, PONG_MS);
  }

  /** Follow a job, or the jobs of a project, until the answer is called. */
  follow(topic: Topic): () => void {
    const key = JSON.stringify(topic);
    const known = this.#topics.get(key) ?? { topic, count: 0 };
    this.#topics.set(key, known);
    if (known.count++ === 0) this.#say({ action: action("subscribe", topic), ...topic });
    return () => {
      if (--known.count > 0) return;
      this.#topics.delete(key);
      this.#say({ action: action("unsubscribe", topic), ...topic });
    };
  }

  close(): void {
    this.#timers.forEach(clearInterval);
    clearTimeout(this.#pong);
    this.#socket.close();
  }

  #opened(): void {
    this.told.onOpen(true);
    for (const { topic } of this.#topics.values()) this.#say({ action: action("subscribe", topic), ...topic });
  }

  #say(words: object): boolean {
    const isOpen = this.#socket.readyState === this.#socket.OPEN;
    if (isOpen) this.#socket.send(JSON.stringify(words));
    return isOpen;
  }

  #heard(text: string): void {
    clearTimeout(this.#pong);
    this.#pong = undefined;
    const message = parse(text);
    if (message === null) return;
    if (message.type === "subscribed") this.told.onSubscribed(topicOf(message));
    else if (isJobMessage(message) && this.#isNew(message)) this.told.onJob(message);
  }

  #isNew(message: JobMessage): boolean {
    const last = this.#newest.get(message.jobId);
    if (
      last &&
      (message.version < last.version || (message.version === last.version && message.progress < last.progress))
    ) {
      return false;
    }
    this.#newest.delete(message.jobId);
    this.#newest.set(message.jobId, message);
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= 2_000) break;
      this.#newest.delete(oldest);
    }
    return true;
  }
}

type Heard = Readonly<Record<string, unknown>> & { readonly type: string };

function parse(text: string): Heard | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "type" in value ? (value as Heard) : null;
  } catch {
    return null; // A message that is none of ours
  }
}

function isJobMessage(message: Heard): message is Heard & JobMessage {
  return message.type.startsWith("job-") && typeof message["jobId"] === "string";
}

function topicOf(message: Heard): Topic {
  const { jobId, projectId } = message;
  return typeof jobId === "string" ? { jobId } : { projectId: String(projectId) };
}

function action(verb: "subscribe" | "unsubscribe", topic: Topic): string {
  return `${verb}-${"jobId" in topic ? "job" : "project"}`;
}
