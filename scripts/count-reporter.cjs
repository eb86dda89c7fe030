// A jest reporter that writes the run's totals to the file named by COUNTS, for scripts/summarise-tests.mjs.
const { mkdirSync, rmSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");

module.exports = class CountReporter {
  onRunStart() {
    mkdirSync(dirname(process.env.COUNTS), { recursive: true });
    // What an earlier run counted must not stand in for one that dies.
    rmSync(process.env.COUNTS, { force: true });
  }

  onRunComplete(_, results) {
    const totals = {
      passed: results.numPassedTests,
      // A suite that could not start has failed without a single test of its own.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.COUNTS, JSON.stringify(totals));
  }
};
