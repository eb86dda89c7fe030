// Adds up what the test runs counted and prints the closing line that CI reads: `N passed, N failed, N skipped`.
import { readdirSync, readFileSync } from "node:fs";

const directory = process.argv[2];
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const counts = JSON.parse(readFileSync(`${directory}/${file}`, "utf8"));
  for (const key of Object.keys(totals)) totals[key] += counts[key];
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
