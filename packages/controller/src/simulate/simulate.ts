import type { Intent } from "@sextant/model";
import { type PlanCircumstances, planIntents } from "../bandwidth/plan-intents";
import type { DirectedLink } from "../topology/directed-link";
import type { TopologySnapshot } from "../topology/snapshot";
import { type Change, changedSnapshot, changeText } from "./change";
import type { TrafficDemand } from "./demand-loads";
import { EFFECTS, type Effect, type Impact, impactsOf, type PlannedNetwork } from "./impact";
import { highestUtilisation } from "./utilisation";

/** A network and what is asked of it. */
export interface SimulatedState extends PlanCircumstances {
  /** What is not to be used in it is what was found broken, and what is drained. */
  readonly snapshot: TopologySnapshot;
  /** Found broken by observation: packets do not get through, declared up or not. */
  readonly broken: readonly DirectedLink[];
  readonly intents: readonly Intent[];
  /** Traffic besides that of intents; it follows the IGP. */
  readonly demands?: readonly TrafficDemand[];
}

/** A state with its plans: what every scenario begins with is computed once. */
export interface PlannedState extends SimulatedState, PlannedNetwork {}

/** What a scenario does. Plain JSON: the stable form of `sextant simulate -o json`. */
export interface ScenarioReport {
  readonly name: string;
  /** Policies per effect. */
  readonly counts: Readonly<Record<Effect, number>>;
  /** Highest share of a link's capacity that demands and the bandwidths asked for take, in percent; absent where there are none. */
  readonly mlu?: { readonly beforePercent: number; readonly afterPercent: number };
  /** Worst first: by the worst effect, then by the delay gained. */
  readonly impacts: readonly Impact[];
}

/** Computes and encodes everything, by the code that the controller runs. */
export function planState(state: SimulatedState): PlannedState {
  return { ...state, plans: planIntents(state.intents, state.snapshot, state) };
}

/** The state after changes to its network. */
export function changedState(state: SimulatedState, changes: readonly Change[]): PlannedState {
  return planState({ ...state, snapshot: changedSnapshot(state.snapshot, changes) });
}

/** What it means to go from one state to another. */
export function compareStates(name: string, before: PlannedState, after: PlannedState): ScenarioReport {
  const impacts = impactsOf(before, after).sort(byHarm);
  const counts = Object.fromEntries(
    EFFECTS.map((effect) => [effect, impacts.filter(({ effects }) => effects.includes(effect)).length]),
  ) as Record<Effect, number>;
  const beforePercent = highestUtilisation(before.plans, before.snapshot, before.demands);
  const afterPercent = highestUtilisation(after.plans, after.snapshot, after.demands);
  const mlu =
    beforePercent === undefined && afterPercent === undefined
      ? {}
      : { mlu: { beforePercent: beforePercent ?? 0, afterPercent: afterPercent ?? 0 } };
  return { name, counts, ...mlu, impacts };
}

/** One scenario per change, each from the same state, the worst first; `onEach` hears of every one before it begins. */
export function eachChange(
  state: PlannedState,
  changes: readonly Change[],
  onEach: (change: Change, done: number) => void = () => undefined,
): ScenarioReport[] {
  const reports = changes.map((change, done) => {
    onEach(change, done);
    return compareStates(changeText(change), state, changedState(state, [change]));
  });
  return reports.sort(byCounts);
}

function byCounts(a: ScenarioReport, b: ScenarioReport): number {
  for (const effect of EFFECTS) {
    const difference = b.counts[effect] - a.counts[effect];
    if (difference !== 0) return difference;
  }
  const utilisation = (b.mlu?.afterPercent ?? 0) - (a.mlu?.afterPercent ?? 0);
  return utilisation !== 0 ? utilisation : a.name < b.name ? -1 : 1;
}

function byHarm(a: Impact, b: Impact): number {
  const worst = ({ effects }: Impact) => EFFECTS.indexOf(effects[0] ?? "gainsProtection");
  return worst(a) - worst(b) || delayGained(b) - delayGained(a) || (key(a) < key(b) ? -1 : 1);
}

function delayGained({ before, after }: Impact): number {
  return (after?.metrics.delayUs ?? 0) - (before?.metrics.delayUs ?? 0);
}

function key({ intent, host, endpoint, direction }: Impact): string {
  return [intent, host, endpoint, direction].join(" ");
}
