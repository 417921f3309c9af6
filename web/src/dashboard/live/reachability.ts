/** Whether the API answers, as the requests and the browser show. */
class Reachability {
  isReachable = navigator.onLine;
  readonly #listeners = new Set<() => void>();

  constructor() {
    window.addEventListener("online", () => this.set(true));
    window.addEventListener("offline", () => this.set(false));
  }

  set(isReachable: boolean): void {
    if (isReachable === this.isReachable) return;
    this.isReachable = isReachable;
    for (const listener of this.#listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const reachability = new Reachability();
