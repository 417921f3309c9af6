import { vi } from "vitest";
import { connect } from "../../src/dashboard/api/request.js";

export interface Asked {
  readonly method: string;
  /** As `jobs/projects/demo/stats`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** An answer: its body, or its status and body; `next` is the cursor of the page behind it. */
export interface Answered {
  readonly status?: number;
  readonly body: unknown;
  readonly next?: string | null;
}

/** Puts an API in the place of `fetch`; the list tells what it was asked. What the function does not know is 404. */
export function fakeApi(answer: (asked: Asked) => Answered | null | Promise<Answered>): Asked[] {
  const asked: Asked[] = [];
  connect({ token: () => Promise.resolve("token"), refused: () => {}, answered: () => {} });
  vi.stubGlobal("fetch", async (address: string, { method = "GET", body }: RequestInit) => {
    const url = new URL(address);
    const request: Asked = {
      method,
      path: url.pathname.split("/api/")[1] ?? "",
      query: Object.fromEntries(url.searchParams),
      json: typeof body === "string" ? JSON.parse(body) : null,
    };
    asked.push(request);
    const unknown = { status: 404, body: { code: "route-not-found", detail: "There is no such route." } };
    const { status = 200, body: told, next = null }: Answered = (await answer(request)) ?? unknown;
    const headers: HeadersInit = next === null ? {} : { Link: `<?cursor=${next}>; rel="next"` };
    return new Response(JSON.stringify(told), { status, headers });
  });
  return asked;
}
