import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Session } from "../../src/dashboard/session/session.js";

const MINUTE = 60_000;
const SETTINGS = JSON.stringify({ identity: { url: "https://pool.example/", clientId: "c" } });

const part = (content: object) => btoa(JSON.stringify(content)).replace(/=+$/, "");

/** An ID token of somebody, for so many minutes. */
function token(name: string, minutes: number): string {
  return `${part({ alg: "none" })}.${part({ sub: name, exp: Math.floor((Date.now() + minutes * MINUTE) / 1000) })}.x`;
}

type Answer = (tokens: { IdToken: string } | null) => void;
let answers: Answer[];
let store: Storage;

beforeEach(() => {
  document.head.innerHTML = "<meta name='jobmill-settings'>";
  document.querySelector("meta")?.setAttribute("content", SETTINGS);
  answers = [];
  sessionStorage.clear();
  store = sessionStorage;
  vi.stubGlobal("fetch", () => {
    return new Promise<Response>((done) => {
      answers.push((tokens) => {
        const body = tokens ? { AuthenticationResult: tokens } : { __type: "NotAuthorizedException" };
        done(new Response(JSON.stringify(body), { status: tokens ? 200 : 400 }));
      });
    });
  });
});

afterEach(() => {
  document.head.innerHTML = "";
});

describe("the session", () => {
  test("stays with the tab, and ends with the token", async () => {
    const session = new Session(store);
    expect(session.state).toBe("out");
    const mine = token("me", 60);
    session.begin(mine);
    const again = new Session(store);
    expect([again.state, await again.token()]).toEqual(["in", mine]);
    vi.useFakeTimers({ now: Date.now() + 61 * MINUTE });
    await expect(again.token()).rejects.toMatchObject({ code: "sign-in-needed" });
    vi.useRealTimers();
    expect([again.state, store.length]).toEqual(["ended", 0]);
  });

  test("takes no old token, and no other text", () => {
    const session = new Session(store);
    expect(() => session.begin(token("me", -1))).toThrow("time is over");
    expect(() => session.begin("abc")).toThrow("no ID token");
    expect(session.state).toBe("out");
  });

  test("renews its token once for all who ask, before it is over", async () => {
    const session = new Session(store);
    session.begin(token("me", 4), "refresh");
    const asked = [session.token(), session.token()];
    const fresh = token("me", 60);
    answers[0]?.({ IdToken: fresh });
    expect(await Promise.all(asked)).toEqual([fresh, fresh]);
    expect(answers).toHaveLength(1);
  });

  test("that cannot be renewed goes on while its token is good", async () => {
    const session = new Session(store);
    const mine = token("me", 4);
    session.begin(mine, "refresh");
    const asked = session.token();
    answers[0]?.(null);
    expect([await asked, session.state]).toEqual([mine, "in"]);
  });

  test.each([{ IdToken: "" }, null])(
    "a renewal that comes after the next person signed in is not theirs",
    async (late) => {
      const session = new Session(store);
      session.begin(token("first", 4), "refresh");
      const asked = session.token();
      session.end();
      const next = token("next", 60);
      session.begin(next);
      answers[0]?.(late && { IdToken: token("first", 60) });
      expect(await asked).toBe(next);
      expect(store.getItem("jobmill-session")).toContain(next);
    },
  );

  test("signed out, it is not said to be over", async () => {
    const session = new Session(store);
    session.begin(token("me", 60));
    session.end();
    await expect(session.token()).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toBe("out");
  });
});
