// Adds up the runner's own result files and prints the closing line that CI reads: `N passed, N failed, N skipped`.
import { readdirSync, readFileSync } from "node:fs";

const directory = process.argv[2];
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const result = JSON.parse(readFileSync(`${directory}/${file}`, "utf8"));
  totals.passed += result.numPassedTests;
  // A suite that could not start has failed without a single test of its own.
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  totals.skipped += result.numPendingTests + result.numTodoTests;
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
