import { build, type Rollup } from "vite";
import { beforeAll, expect, it } from "vitest";

/** The limit for all of the package's code, minified as bundlers do and gzipped. */
const LIMIT_BYTES = 4_500;

let chunks: Map<string, Rollup.OutputChunk>;

beforeAll(async () => {
  const built = await build({ build: { write: false, minify: true }, logLevel: "silent" });
  const outputs = (Array.isArray(built) ? built : [built]) as Rollup.RollupOutput[];
  const code = outputs.flatMap(({ output }) => output).filter((chunk) => chunk.type === "chunk");
  chunks = new Map(code.map((chunk) => [chunk.fileName, chunk]));
});

/** The chunk, and all that it imports. */
function reached(name: string): Set<string> {
  const imports = chunks.get(name)?.imports ?? [];
  return new Set([name, ...imports.flatMap((imported) => [...reached(imported)])]);
}

it("A7 the package is small, and needs React only", async () => {
  const all = [...chunks.values()].map(({ code }) => code).join("");
  const gzipped = new Response(new Blob([all]).stream().pipeThrough(new CompressionStream("gzip")));
  expect((await gzipped.arrayBuffer()).byteLength).toBeLessThan(LIMIT_BYTES);
  expect([...reached("react.js")].filter((name) => !chunks.has(name))).toEqual(["react"]);
});

it("A8 checkJobStatus needs no React: a server may import it", () => {
  expect(chunks.get("index.js")?.exports).toContain("checkJobStatus");
  expect([...reached("index.js")].filter((name) => !chunks.has(name))).toEqual([]);
  const directives = [...chunks].filter(([, { code }]) => code.startsWith('"use client"')).map(([name]) => name);
  expect(directives).toEqual(["react.js"]);
});
