import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

// Workspace packages are read from their sources, so that a test never runs against a stale build.
const conditions = ["@assay/source", "module", "node", "import", "default"];
// `npm run test:full` adds the slow proofs.
const full = process.env["ASSAY_FULL"] === "1";

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(full ? [] : ["**/*.full.test.ts"])],
    // The native library lives once in a process and takes all cores: processes of their own, and few of them.
    pool: "forks",
    maxWorkers: Math.min(4, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: full ? 600_000 : 120_000,
  },
});
