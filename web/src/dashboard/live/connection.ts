import ReconnectingWebSocket from "partysocket/ws";
import type { LiveTicketView, Status } from "../api/views.js";
import { Topics, type Topic } from "./topics.js";

/** What the socket tells of a job; `run` and `version` tell old from new. */
export interface JobMessage {
  readonly type: "job-progress" | "job-completed" | "job-failed" | "job-cancelled";
  readonly jobId: string;
  readonly run: number;
  readonly version: number;
  readonly status: Status;
  readonly progress: number;
}

/** API Gateway ends a connection after ten idle minutes, and any after two hours. */
const PING_MS = 5 * 60_000;
const RENEW_MS = 110 * 60_000;
const ANSWERS = new Set(["subscribed", "unsubscribed", "error"]);
/** A connection over which nothing comes back for this long is dead, whatever the browser thinks of it. */
const PONG_MS = 10_000;

interface Told {
  /** Messages of jobs, in order and none that is older than one before. */
  onJob(message: JobMessage): void;
  /** All that is asked for is followed from now on: what happened before has to be fetched. */
  onFollowed(): void;
  /** Whether changes are told at once. */
  onLive(isLive: boolean): void;
}

/** The page's one socket: after `open`, opened with a ticket, opened again when lost, with all that was followed. */
export class LiveConnection {
  readonly #socket: ReconnectingWebSocket;
  readonly #topics: Topics;
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
    this.#topics = new Topics({
      ask: (verb, topic) => this.#say({ action: `${verb}-${"jobId" in topic ? "job" : "project"}`, ...topic }),
      isOpen: () => this.#isOpen,
      unanswered: () => this.#renew(),
      changed: () => this.#changed(),
    });
    this.#socket.addEventListener("open", () => this.#opened());
    this.#socket.addEventListener("close", () => this.#lost());
    this.#socket.addEventListener("error", () => this.#lost());
    this.#socket.addEventListener("message", (event: MessageEvent) => this.#heard(String(event.data)));
  }

  open(): void {
    this.#socket.reconnect();
    this.#timers = [setInterval(() => this.ping(), PING_MS), setInterval(() => this.#renew(), RENEW_MS)];
  }

  /** See whether it is alive, and open another one if not: after a sleep or a change of networks nothing else tells. */
  ping(): void {
    if (!this.#isOpen) return;
    this.#say({ action: "ping" });
    this.#pong ??= setTimeout(() => this.#renew(), PONG_MS);
  }

  /** Follow a job, or the jobs of a project, until the answer is called. */
  follow(topic: Topic): () => void {
    return this.#topics.follow(topic);
  }

  close(): void {
    this.#timers.forEach(clearInterval);
    this.#lost();
    this.#socket.close();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #say(words: object): void {
    this.#socket.send(JSON.stringify(words));
  }

  #renew(): void {
    this.#lost();
    this.#socket.reconnect();
  }

  #opened(): void {
    this.#topics.askAll();
    this.told.onLive(true);
  }

  #lost(): void {
    this.#ponged();
    this.#topics.lose();
    this.told.onLive(false);
  }

  #changed(): void {
    this.told.onLive(this.#isOpen && !this.#topics.areRefused);
    if (this.#topics.areFollowed) this.told.onFollowed();
  }

  #ponged(): void {
    clearTimeout(this.#pong);
    this.#pong = undefined;
  }

  #heard(text: string): void {
    const message = parse(text);
    if (message === null) return;
    const topic = topicOf(message);
    if (message.type === "pong") this.#ponged();
    else if (isJobMessage(message)) {
      if (this.#isNew(message)) this.told.onJob(message);
    } else if (message["code"] === "connection-over") this.#renew();
    else if (topic && ANSWERS.has(message.type)) this.#topics.answered(answerOf(message), topic);
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

/** What is not there has nothing to tell: it counts as followed. */
function answerOf({ type, code }: Heard): string {
  return typeof code === "string" && code.endsWith("-not-found") ? "subscribed" : type;
}

function topicOf({ jobId, projectId }: Heard): Topic | null {
  if (typeof jobId === "string") return { jobId };
  return typeof projectId === "string" ? { projectId } : null;
}
