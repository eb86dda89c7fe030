import type { Condition, ConditionType } from "@sextant/model";
import { pairName } from "../compute/endpoints";
import type { EventInput } from "../events/event";
import type { IntentStatus, PolicyStatus } from "./intent-status";

/** What was last told of an intent. */
export interface IntentPicture {
  readonly conditions: ReadonlyMap<ConditionType, string>;
  /** Paths of each policy, by its name. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * What goes without saying: stages that need a host are not known yet, and the others succeed, which the chosen paths say already.
 */
const UNTOLD: IntentPicture = {
  conditions: new Map<ConditionType, string>([
    ["Accepted", "True"],
    ["Computed", "True"],
    ["Encoded", "True"],
    ["Protected", "True"],
    ["Pushed", "True"],
    ["Installed", "Unknown"],
    ["Live", "Unknown"],
  ]),
  paths: new Map(),
};

/** Stations on the way that pass by themselves, and conditions that only repeat what another one says. */
const PASSING = new Set(["AwaitingAck", "NotPushed", "NotInstalled", "NotReported", "Unproven"]);

/** What changed about an intent since it was last told, and the picture to compare with next time. */
export function intentEvents(
  name: string,
  { conditions, policies }: IntentStatus,
  before: IntentPicture = UNTOLD,
): { readonly events: readonly EventInput[]; readonly picture: IntentPicture } {
  const told = new Map(before.conditions);
  const changed: Condition[] = [];
  for (const condition of conditions) {
    const key = keyOf(condition);
    if (PASSING.has(condition.reason) || told.get(condition.type) === key) continue;
    told.set(condition.type, key);
    changed.push(condition);
  }
  const paths = new Map(policies.map((policy) => [pairName(policy), pathsOf(policy)]));
  const moved = [...paths].filter(([pair, text]) => text !== "" && before.paths.get(pair) !== text);
  const about = { kind: "Intent", object: name } as const;
  return {
    events: [...moveEvents(moved), ...conditionEvents(changed)].map((event) => ({ ...about, ...event })),
    picture: { conditions: told, paths },
  };
}

/**
 * A condition is told again when its status changes; one that does not hold, also when its reason does. A new generation in the
 * kernel is news each time.
 */
function keyOf({ type, status, reason, observedGeneration }: Condition): string {
  if (status === "Unknown" && (type === "Installed" || type === "Live")) return status;
  if (status !== "True") return `${status} ${reason}`;
  return type === "Installed" ? `${status} ${observedGeneration}` : status;
}

type Told = Omit<EventInput, "kind" | "object">;

function moveEvents(moved: readonly (readonly [pair: string, text: string])[]): Told[] {
  const [first] = moved;
  if (first === undefined) return [];
  const more = moved.length === 1 ? "" : `; and ${moved.length - 1} more policies`;
  return [{ reason: "PathsChosen", message: `${first[0]}: ${first[1]}${more}` }];
}

/** Conditions that changed together for the same reason are one event. */
function conditionEvents(changed: readonly Condition[]): Told[] {
  const alike = new Map<string, Condition[]>();
  for (const condition of changed) {
    const key = `${condition.status} ${condition.reason} ${condition.message}`;
    alike.set(key, [...(alike.get(key) ?? []), condition]);
  }
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const types = [first, ...others].map(({ type }) => type).join(", ");
    const verb = others.length === 0 ? "is" : "are";
    const message = `${types} ${verb} ${first.status.toLowerCase()}${detailOf(first)}`;
    return [{ reason: first.reason, message, severity: first.status === "True" ? "normal" : "warning" } as const];
  });
}

/** What is said of a path that is alive is its round trip, which differs each time: such events would not be equal. */
function detailOf({ type, status, message }: Condition): string {
  return type === "Live" && status === "True" ? "" : `: ${message}`;
}

function pathsOf({ candidates }: PolicyStatus): string {
  return candidates
    .map(({ nodes }, index) => `${index === 0 ? "" : index === 1 ? "backup " : `backup ${index} `}${nodes.join(" > ")}`)
    .join("; ");
}
