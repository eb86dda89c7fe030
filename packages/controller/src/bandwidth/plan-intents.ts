import type { Intent } from "@sextant/model";
import type { Pair } from "../compute/endpoints";
import { type LackingFeatures, NOTHING_LACKING } from "../pipeline/features";
import { type IntentPlan, planIntent } from "../pipeline/plan";
import { type TopologySnapshot, withRoom } from "../topology/snapshot";
import { admit } from "./admission";
import { isReserving, type Measured, wishId } from "./wish";

/** What plans depend on beside intents and network. */
export interface PlanCircumstances {
  /** What hosts cannot do; nothing when absent. */
  readonly lacking?: LackingFeatures;
  /** What policies that reserve what they need were measured to need; nothing when absent. */
  readonly measured?: Measured;
}

/** Plans of all intents as a controller makes them, by name: those that reserve bandwidth together, the others one by one. */
export function planIntents(
  intents: readonly Intent[],
  snapshot: TopologySnapshot,
  { lacking = NOTHING_LACKING, measured = () => 0 }: PlanCircumstances = {},
): Map<string, IntentPlan> {
  const { plans, failed } = admit({ intents, snapshot, lacking, measured });
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return new Map(
    intents.map((intent) => {
      const reserved = isReserving(intent) ? plans.get(intent.name) : undefined;
      return [intent.name, reserved ?? planIntent(intent, snapshot, lacking)];
    }),
  );
}

/** The network as it looks to each policy of an intent. */
export type NetworkFor = (intent: string, pair: Pick<Pair, "host" | "endpoint" | "direction">) => TopologySnapshot;

/**
 * What policies of the named intents found when they were planned among all others: for those that reserve bandwidth what the others left to
 * them, for the rest the network itself.
 */
export function networksFor(
  names: ReadonlySet<string>,
  intents: readonly Intent[],
  snapshot: TopologySnapshot,
  { lacking = NOTHING_LACKING, measured = () => 0 }: PlanCircumstances = {},
): NetworkFor {
  const isAsked = intents.some((intent) => names.has(intent.name) && isReserving(intent));
  if (!isAsked) return () => snapshot;
  const { rooms } = admit({ intents, snapshot, lacking, measured, roomsOf: names });
  return (intent, pair) => {
    const room = rooms.get(wishId(intent, pair));
    return room === undefined ? snapshot : withRoom(snapshot, room);
  };
}
