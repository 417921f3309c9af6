import { defineConfig, loadEnv } from "vite";

/** For `npm run dev:dashboard` beside a stack: its ApiUrl. */
const { JOBMILL_API: api } = loadEnv("", ".", "JOBMILL_");

/** The dashboard, which the API's origin serves: relative addresses, as a stage or a path may come before it. */
export default defineConfig({
  root: "src/dashboard",
  base: "./",
  // But not the sources under `src/dashboard/api`, which the page asks for by the same path.
  server: { proxy: api ? { "^/api/(?!\\w+\\.ts)": api } : {} },
  build: {
    outDir: "../../dist/dashboard",
    emptyOutDir: true,
    target: "es2022",
    // Content as `data:` addresses would be one more source for the page's security policy to allow.
    assetsInlineLimit: 0,
    // Its polyfill is a script in the page, which the policy forbids.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries name their client parts for frameworks that render on a server; there is none.
      onwarn: (warning, report) => warning.code === "MODULE_LEVEL_DIRECTIVE" || report(warning),
    },
  },
});
