import { defineConfig } from "vitest/config";

const path = (name: string) => new URL(`./${name}`, import.meta.url).pathname;
const react18 = (name: string) => path(`tests/react-18/node_modules/${name}`);
/** As a module: its other form asks Node, not Vite, for React. */
const TESTING_LIBRARY = path("node_modules/@testing-library/react/dist/@testing-library/react.esm.js");

/** The tests of the hook, in a browser's page, on one version of React. */
const withReact = (version: 18 | 19, alias: Record<string, string>) => ({
  extends: true as const,
  resolve: {
    alias: {
      ...alias,
      "@testing-library/react": TESTING_LIBRARY,
      "jobmill-client/react": path("src/client/react.ts"),
      "jobmill-client": path("src/client/index.ts"),
    },
  },
  test: {
    name: `react-${version}`,
    include: ["tests/react/**/*.test.tsx"],
    environment: "jsdom",
    setupFiles: "tests/react/setup.ts",
    provide: { reactMajor: version },
    // It imports React itself, and must get the one of its project.
    server: { deps: { inline: ["@testing-library/react"] } },
  },
});

export default defineConfig({
  build: {
    outDir: "dist/client",
    lib: { entry: { index: "src/client/index.ts", react: "src/client/react.ts" }, formats: ["es"] },
    rolldownOptions: {
      external: ["react"],
      output: {
        chunkFileNames: "[name].js",
        // Frameworks that render on a server read it; `index` stays usable there.
        banner: (chunk) => (chunk.name === "react" ? '"use client";' : ""),
      },
    },
    target: "es2022",
  },
  test: {
    // One jsdom for all files of a project, a third of the time: the tests leave nothing behind.
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      withReact(19, {}),
      withReact(18, { react: react18("react"), "react-dom": react18("react-dom") }),
      {
        extends: true,
        test: { name: "dashboard", include: ["tests/dashboard/**/*.test.{ts,tsx}"], environment: "jsdom" },
      },
      { extends: true, test: { name: "client", include: ["tests/client/**/*.test.ts"], environment: "node" } },
    ],
  },
});
