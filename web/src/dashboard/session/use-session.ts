import { useSyncExternalStore } from "react";
import { Session, type SessionState } from "./session.js";

/** The page's one session. */
export const session = new Session();

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}
