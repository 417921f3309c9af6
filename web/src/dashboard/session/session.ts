import { jwtDecode } from "jwt-decode";
import { JobmillError } from "../../client/errors.js";
import { readSettings } from "../settings.js";
import { refresh } from "./cognito.js";

/** Signed in, signed out, or signed out because the token's time was over. */
export type SessionState = "in" | "out" | "ended";

interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string | null;
}

/** It lives as long as the tab: a page that is opened anew asks again. */
const KEY = "jobmill-session";
const FRESH_MS = 5 * 60_000;

/** Whose token the requests carry. One for the page; React reads it by `useSession`. */
export class Session {
  state: SessionState;
  #tokens: Tokens | null;
  #refreshing: Promise<string> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(readonly store: Storage = sessionStorage) {
    this.#tokens = JSON.parse(store.getItem(KEY) ?? "null") as Tokens | null;
    this.state = this.#tokens ? "in" : "out";
  }

  /** Take these tokens. Throws JobmillError `not-a-token` for what is no token, `token-expired` for an old one. */
  begin(idToken: string, refreshToken: string | null = null): void {
    if (msLeft(idToken) <= 0) {
      throw new JobmillError("token-expired", null, "This token's time is over. Get a new one, and paste it.");
    }
    this.#set({ idToken, refreshToken }, "in");
  }

  end(state: "out" | "ended" = "out"): void {
    this.#set(null, state);
  }

  /** The ID token, renewed where that can be done. Throws JobmillError `sign-in-needed`, and the page asks to sign in. */
  async token(): Promise<string> {
    const tokens = this.#tokens;
    const left = tokens ? msLeft(tokens.idToken) : 0;
    const { identity } = readSettings();
    if (tokens?.refreshToken && identity && left < FRESH_MS) {
      this.#refreshing ??= refresh(identity, tokens.refreshToken);
      try {
        const idToken = await this.#refreshing;
        // Meanwhile the person may have gone, and another one come.
        if (this.#tokens !== tokens) return await this.token();
        this.#set({ ...tokens, idToken }, "in");
        return idToken;
      } catch (error) {
        this.#refreshing = null;
        if (this.#tokens !== tokens) return await this.token();
        // Not renewed in time is no reason to stop while the token is good.
        if (left <= 0 && !(error instanceof JobmillError && error.isTemporary)) this.end("ended");
        if (left <= 0) throw error;
      }
    }
    if (tokens && left > 0) return tokens.idToken;
    if (this.state === "in") this.end("ended");
    throw new JobmillError("sign-in-needed", 401, "Sign in again.");
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(tokens: Tokens | null, state: SessionState): void {
    this.#refreshing = null;
    this.#tokens = tokens;
    this.state = state;
    if (tokens) this.store.setItem(KEY, JSON.stringify(tokens));
    else this.store.removeItem(KEY);
    for (const listener of this.#listeners) listener();
  }
}

function msLeft(idToken: string): number {
  try {
    return (jwtDecode(idToken).exp ?? 0) * 1000 - Date.now();
  } catch (cause) {
    throw new JobmillError("not-a-token", null, "This is no ID token: it has three parts with dots between.", {
      cause,
    });
  }
}
