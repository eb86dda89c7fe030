import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { listsOf } from "./captured-packet";
import { onTheWire } from "./on-the-wire";
import { Rig, type RigOptions } from "./rig";

/*
 * What the journeys about liveness use. By delay desk reaches studio over the north, by IGP over the middle.
 *
 *            north1 ---- north2         1 ms + 1 ms (trench) + 1 ms
 *           /                  \
 *   desk - west --- middle --- east - studio     2 ms (trench) + 2 ms
 *           \                  /
 *            south1 ---- south2         3 ms + 3 ms + 3 ms
 */

const TOPOLOGY = join(__dirname, "three-ways.yaml");

export const CALLS = { from: "desk", to: "studio", port: 5_000 } as const;

/** Links of west: where packets of the desk take one of the ways. */
const WAYS = {
  north: { a: "west", b: "north1" },
  middle: { a: "west", b: "middle" },
  south: { a: "west", b: "south1" },
} as const;

/** Which way a path goes, by a node of it. */
export type Way = keyof typeof WAYS | "none";

/** Paths are left after three probes: 60 ms. */
export const PROBES = ["--probe-interval-ms", "20"] as const;

/** Three probes and what a machine that does many things at once may add. */
export const GAP_BOUND_MS = 1_000;
/** Held up, trusted again by the controller, and recomputed. */
export const RETURN_BOUND_MS = 30_000;

/** The intent `calls`, by delay, with a backup that shares no risk: north and south. `extra` are lines of its spec. */
function callsIntent(extra: string): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: calls}
spec:
  from: {hosts: [desk]}
  to: {hosts: [studio]}
  application: {protocol: udp, ports: [${CALLS.port}]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: srlg}
  ${extra}
`;
}

/** The network with both agents and the controller; links without delay. */
export function threeWays(options: Omit<Partial<RigOptions>, "topology"> = {}): Promise<Rig> {
  return Rig.up({ topology: TOPOLOGY, undelayed: true, controllerFlags: PROBES, ...options });
}

/** Declares `calls` and waits until its paths are proved. */
export async function declareCalls(rig: Rig, extra = ""): Promise<void> {
  await rig.apply(callsIntent(extra));
  await rig.live("calls");
}

/** Withdraws it: its paths, and what was held against them, are forgotten. */
export async function withdrawCalls(rig: Rig): Promise<void> {
  await rig.sextant(["delete", "intent", "calls"]);
}

/** Which way the host says that packets of `calls` take; `none` is plain routing. */
export async function wayInUse(rig: Rig): Promise<Way> {
  const { policies } = await rig.intent("calls");
  const [policy] = policies;
  return wayOf(policy?.candidates[policy.activeCandidate ?? -1]?.nodes ?? []);
}

/** Which way a path goes. */
export function wayOf(nodes: readonly string[]): Way {
  return (Object.keys(WAYS) as (keyof typeof WAYS)[]).find((way) => nodes.includes(WAYS[way].b)) ?? "none";
}

/** Packets of `calls` that west puts on each way in a moment of traffic. */
export function callsOnTheWire(rig: Rig) {
  return onTheWire(rig, { host: CALLS.from, port: CALLS.port }, "west", WAYS);
}

/** Waits until the host says that packets of `calls` take a way. */
export async function taken(rig: Rig, way: Way, boundMs = RETURN_BOUND_MS): Promise<void> {
  await eventually(`packets take the way ${way}`, async () => (await wayInUse(rig)) === way, boundMs);
}

/** Segments that packets of `calls` carry on each way, as captured in a moment of traffic; no entry where there are no packets. */
export async function listsOnTheWire(rig: Rig): Promise<Record<string, string[]>> {
  const packets = await callsOnTheWire(rig);
  const found = Object.entries(packets).filter(([, some]) => some.length > 0);
  return Object.fromEntries(found.map(([way, some]) => [way, listsOf(some)]));
}
