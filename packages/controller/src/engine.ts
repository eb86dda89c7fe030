/** The path engine without any daemon: documents in, paths, segment lists and reasons out. */
export { accept, type AcceptResult, type SourceFile } from "./pipeline/accept";
export { type Catalog, EMPTY_CATALOG } from "./pipeline/catalog";
export { type NetworkFor, networksFor, planIntents } from "./bandwidth/plan-intents";
export type { Measured } from "./bandwidth/wish";
export { type IntentPlan, planIntent, type PolicyReservation } from "./pipeline/plan";
export * from "./pipeline/intent-view";
export type { DirectedLink } from "./topology/directed-link";
export { createSnapshot, type TopologySnapshot, withUnusable } from "./topology/snapshot";
export { formatMs } from "./topology/metric-units";
export { pairName, pairsOf, type Pair } from "./compute/endpoints";
export { type LackingFeatures, lackingOf } from "./pipeline/features";
export * from "./explain/explain-policy";
export { explainText } from "./explain/explain-text";
export { pathText } from "./explain/path-text";
export { type Change, changeText, FAILABLE, type Failable, failures, SETTABLE, type Settable } from "./simulate/change";
export type { TrafficDemand } from "./simulate/demand-loads";
export { EFFECTS, type Effect, type Impact, type PolicyState } from "./simulate/impact";
export * from "./simulate/simulate";
