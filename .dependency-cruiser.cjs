/** Rules about the graph as a whole; rules about single imports are in eslint.config.mjs. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, pathNot: ["\\.test\\.ts$", "src/main\\.ts$", "src/gen/"] }, to: {} },
    {
      name: "controller-floors",
      comment: "topology < compute < pipeline < bandwidth < explain, simulate, store, workers < runtime < edge, metrics: a lower floor knows nothing of a higher one.",
      severity: "error",
      from: { path: "packages/controller/src/(topology|compute|pipeline|bandwidth)/", pathNot: "\\.test\\.ts$" },
      to: { path: "packages/controller/src/(explain|simulate|store|workers|runtime|edge|metrics)/" },
    },
    {
      name: "controller-lowest-floors",
      severity: "error",
      from: { path: "packages/controller/src/(topology|compute)/", pathNot: "\\.test\\.ts$" },
      to: { path: "packages/controller/src/(pipeline|bandwidth)/" },
    },
    {
      name: "controller-stages",
      comment: "What a stage makes of one intent does not depend on what others reserve, but for the room that it is given.",
      severity: "error",
      from: { path: "packages/controller/src/pipeline/", pathNot: "\\.test\\.ts$" },
      to: { path: "packages/controller/src/bandwidth/" },
    },
    {
      name: "agent-floors",
      comment: "reconcile < pipeline, bpf, state, net, edge < keeper, agent, main.",
      severity: "error",
      from: { path: "packages/agent/src/reconcile/", pathNot: "\\.test\\.ts$" },
      to: { path: "packages/agent/src/((pipeline|bpf|state|net|edge|metrics)/|[^/]+$)" },
    },
    {
      name: "tests-stay-out",
      comment: "Product code must not import tests or what only tests need.",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$|/src/testing/|^test/" },
      to: { path: "\\.test\\.ts$|/src/testing/|^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
  },
};
