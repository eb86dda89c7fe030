import { join } from "node:path";
import { eventually } from "../../support/eventually";
import { Rig, type RigOptions } from "./rig";

/** Twenty hosts that send to one, over the link that breaks; see twenty.yaml. */
const TOPOLOGY = join(__dirname, "twenty.yaml");

export const SENDERS = Array.from({ length: 20 }, (_, i) => `host-${i + 1}`);
/** Those that probe fast enough to notice. */
export const NOTICING = ["host-1", "host-7", "host-13"] as const;
const STUDIO = "studio";
const FIRST_PORT = 5_000;
/** Where the shorter way breaks. */
export const BROKEN = { a: "hub-north", b: "far-north" } as const;
/** The others notice by themselves after three of these. */
export const SLOW_INTERVAL_MS = 1_000;
const FAST_INTERVAL_MS = 10;
/** Agents that start at a time: all of them at once would keep one another waiting. */
const STARTED_AT_ONCE = 4;
/** Two dozen agents come up, and everybody proves their paths. */
const READY_BOUND_MS = 120_000;

function intent(name: string, from: string, extra = ""): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: ${from}
  to: {hosts: [${STUDIO}]}
  application: {protocol: udp, ports: ["${FIRST_PORT}-${FIRST_PORT + SENDERS.length}"]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}
  ${extra}
`;
}

const FAST = `liveness: {probeIntervalMs: ${FAST_INTERVAL_MS}}`;
const INTENTS = [
  intent("fast", "{labels: {probes: fast}}", FAST),
  intent("slow", "{labels: {probes: slow}}"),
  intent("witness", "{hosts: [witness]}", FAST),
].join("---\n");

/** Calls of a host, to a port of its own. */
export function callsOf(host: string): { readonly from: string; readonly to: string; readonly port: number } {
  return { from: host, to: STUDIO, port: FIRST_PORT + SENDERS.indexOf(host) };
}

/** The network with all agents, where everything takes the north. */
export async function twenty(options: Omit<Partial<RigOptions>, "topology"> = {}): Promise<Rig> {
  const controllerFlags = ["--probe-interval-ms", String(SLOW_INTERVAL_MS)];
  const rig = await Rig.up({ topology: TOPOLOGY, undelayed: true, controllerFlags, daemons: "controller", ...options });
  try {
    const hosts = [...SENDERS, STUDIO, "witness"];
    for (let i = 0; i < hosts.length; i += STARTED_AT_ONCE)
      await Promise.all(hosts.slice(i, i + STARTED_AT_ONCE).map((host) => rig.lab.startAgent(host)));
    await rig.apply(INTENTS);
    await allNorth(rig);
    return rig;
  } catch (thrown) {
    await rig.down();
    throw thrown;
  }
}

/** Waits until every sender takes the north, with a backup that is proved. */
export async function allNorth(rig: Rig): Promise<void> {
  await eventually(
    "everything takes the north",
    async () => (await onNorth(rig)).length === SENDERS.length,
    READY_BOUND_MS,
  );
}

/** Senders whose packets take the north by a live list, while another one waits. */
export async function onNorth(rig: Rig): Promise<string[]> {
  const found = await Promise.all(["fast", "slow"].map((name) => rig.intent(name)));
  return found
    .flatMap(({ policies }) => policies)
    .filter(({ candidates, activeCandidate }) => {
      const active = candidates[activeCandidate ?? -1];
      const isReady = candidates.every(({ segmentLists }) =>
        segmentLists.every(({ state, withheld }) => state === "alive" && withheld !== true),
      );
      return isReady && candidates.length === 2 && active?.nodes.includes("hub-north") === true;
    })
    .map(({ host }) => host);
}
