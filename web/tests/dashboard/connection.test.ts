import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveConnection, type JobMessage } from "../../src/dashboard/live/connection.js";

/** The browser's socket, as far as it is used; the test says what comes. */
class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static opened: FakeSocket[] = [];
  readyState = FakeSocket.CONNECTING;
  binaryType = "blob";
  readonly said: unknown[] = [];

  constructor(readonly url: string) {
    super();
    FakeSocket.opened.push(this);
  }

  send(text: string) {
    this.said.push(JSON.parse(text));
  }

  close() {
    this.readyState = FakeSocket.CLOSED;
  }

  open() {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  lose() {
    this.readyState = FakeSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  }

  tell(message: object) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
}

const MESSAGE: JobMessage = { type: "job-progress", jobId: "j", run: 1, version: 2, status: "Running", progress: 50 };
const JOB = { jobId: "j" };
let told: { jobs: JobMessage[]; followed: number; live: boolean[] };
let tickets = 0;
let live: LiveConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.opened = [];
  tickets = 0;
  told = { jobs: [], followed: 0, live: [] };
  live = new LiveConnection(
    async () => ({ ticket: "t", url: `ws://live.example/?ticket=${++tickets}`, expiresAt: "" }),
    {
      onJob: (message) => told.jobs.push(message),
      onFollowed: () => told.followed++,
      onLive: (isLive) => told.live.push(isLive),
    },
  );
});

afterEach(() => {
  live.close();
  vi.useRealTimers();
});

/** The newest socket, when the connection has got a ticket and opened it. */
async function next(): Promise<FakeSocket> {
  const before = FakeSocket.opened.length;
  for (let seconds = 0; seconds < 60 && FakeSocket.opened.length === before; seconds++) {
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(FakeSocket.opened).toHaveLength(before + 1);
  const socket = FakeSocket.opened.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

async function opened(): Promise<FakeSocket> {
  live.open();
  await vi.advanceTimersByTimeAsync(1);
  const socket = FakeSocket.opened.at(-1);
  if (!socket) throw new Error("no socket was opened");
  socket.open();
  return socket;
}

describe("the live connection", () => {
  test("opens with a ticket, and says what is followed", async () => {
    live.follow({ jobId: "j" });
    const socket = await opened();
    live.follow({ projectId: "demo" });
    expect(socket.url).toBe("ws://live.example/?ticket=1");
    expect(socket.said).toEqual([
      { action: "subscribe-job", jobId: "j" },
      { action: "subscribe-project", projectId: "demo" },
    ]);
    expect(told.live.at(-1)).toBe(true);
  });

  test("lost, it is opened with another ticket, and follows the same anew", async () => {
    live.follow({ projectId: "demo" });
    (await opened()).lose();
    expect(told.live.at(-1)).toBe(false);
    const second = await next();
    second.open();
    expect(second.url).toBe("ws://live.example/?ticket=2");
    expect(second.said).toEqual([{ action: "subscribe-project", projectId: "demo" }]);
    second.tell({ type: "subscribed", projectId: "demo" });
    expect([told.followed, told.live.at(-1)]).toEqual([1, true]);
  });

  test("what two follow is asked for once, and left a while after both have gone", async () => {
    const socket = await opened();
    const leave = [live.follow(JOB), live.follow(JOB)];
    socket.tell({ type: "subscribed", ...JOB });
    leave[0]?.();
    leave[1]?.();
    expect(socket.said).toHaveLength(1);
    live.follow(JOB)();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(socket.said).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.said.at(-1)).toEqual({ action: "unsubscribe-job", jobId: "j" });
  });

  test("what is wanted again while it is left is asked for when it has been left", async () => {
    const socket = await opened();
    const leave = live.follow(JOB);
    socket.tell({ type: "subscribed", ...JOB });
    leave();
    await vi.advanceTimersByTimeAsync(5_001);
    live.follow(JOB);
    expect(socket.said).toHaveLength(2);
    socket.tell({ type: "unsubscribed", ...JOB });
    expect(socket.said.at(-1)).toEqual({ action: "subscribe-job", jobId: "j" });
  });

  test("what was missed is fetched once, when all that was asked for is followed", async () => {
    live.follow(JOB);
    live.follow({ projectId: "demo" });
    const socket = await opened();
    socket.tell({ type: "subscribed", ...JOB });
    expect(told.followed).toBe(0);
    socket.tell({ type: "subscribed", projectId: "demo" });
    expect(told.followed).toBe(1);
  });

  test("what is refused is not live; asked for again it may be", async () => {
    live.follow(JOB);
    const socket = await opened();
    socket.tell({ type: "error", code: "too-many-subscriptions", message: "Too many.", ...JOB });
    expect([told.live.at(-1), told.followed]).toEqual([false, 0]);
    live.follow(JOB);
    socket.tell({ type: "subscribed", ...JOB });
    expect([told.live.at(-1), told.followed]).toEqual([true, 1]);
  });

  test("a job that is not there is nothing to be told of", async () => {
    live.follow(JOB);
    (await opened()).tell({ type: "error", code: "job-not-found", message: "There is no such job.", ...JOB });
    expect(told.live.at(-1)).toBe(true);
  });

  test("over when its sign-in is, it is opened anew", async () => {
    const socket = await opened();
    socket.tell({ type: "error", code: "connection-over", message: "Over." });
    expect(told.live.at(-1)).toBe(false);
    expect(await next()).not.toBe(socket);
  });

  test("a request that nobody answers, or the gateway alone, opens another one", async () => {
    live.follow(JOB);
    const socket = await opened();
    socket.tell({ message: "Internal server error", connectionId: "c", requestId: "r" });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(FakeSocket.opened).toHaveLength(1);
    expect((await next()).url).toBe("ws://live.example/?ticket=2");
  });

  test("repeats and what comes late is told in order", async () => {
    const socket = await opened();
    const end: JobMessage = { ...MESSAGE, type: "job-completed", version: 3, status: "Completed", progress: 100 };
    for (const message of [MESSAGE, { ...MESSAGE, progress: 40 }, end, MESSAGE]) socket.tell(message);
    expect(told.jobs).toEqual([MESSAGE, end]);
  });

  test("what is none of ours is passed over", async () => {
    const socket = await opened();
    socket.dispatchEvent(new MessageEvent("message", { data: "no JSON" }));
    socket.tell({ type: "pong" });
    socket.tell([1]);
    socket.tell({ type: "job-progress" });
    expect(told.jobs).toEqual([]);
  });

  test("is kept alive, and renewed before its two hours", async () => {
    const socket = await opened();
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
    expect(socket.said).toEqual([{ action: "ping" }]);
    socket.tell({ type: "pong" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.opened).toHaveLength(1);
    const answer = setInterval(() => socket.tell({ type: "pong" }), 1_000);
    await vi.advanceTimersByTimeAsync(110 * 60_000);
    clearInterval(answer);
    expect(FakeSocket.opened.length).toBeGreaterThan(1);
  });

  test("without an answer to a ping another one is opened", async () => {
    const socket = await opened();
    live.ping();
    expect(socket.said).toEqual([{ action: "ping" }]);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(FakeSocket.opened).toHaveLength(1);
    expect(await next()).not.toBe(socket);
  });
});
