// node scripts/closing-line.mjs FAILED_STAGES [VITEST.json…]: prints `N passed, N failed` and exits 1 if anything failed.
// A stage that failed without a failed test to show for it (a build, a broken test file) counts as one failure.
import { existsSync, readFileSync } from "node:fs";

const [stages, ...files] = process.argv.slice(2);
let [passed, failed, skipped] = [0, 0, 0];
for (const file of files.filter((name) => existsSync(name))) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  skipped += numPendingTests + numTodoTests;
}
failed = Math.max(failed, Number(stages));
if (passed === 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
