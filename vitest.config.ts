import { configDefaults, defineConfig } from "vitest/config";

// Workspace packages are read from their sources, so that a test never runs against a stale build.
const conditions = ["@assay/source", "module", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    // the slow proofs: npm run test:full
    exclude: [...configDefaults.exclude, ...(process.env["ASSAY_FULL"] === "1" ? [] : ["**/*.full.test.ts"])],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
