/** Rules about the graph as a whole; rules about single imports are in eslint.config.mjs. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, pathNot: ["\\.test\\.ts$", "src/main\\.ts$", "src/gen/"] }, to: {} },
    {
      name: "tests-stay-out",
      comment: "Product code must not import tests or what only tests need.",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$|/src/testing/" },
      to: { path: "\\.test\\.ts$|/src/testing/|^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
  },
};
