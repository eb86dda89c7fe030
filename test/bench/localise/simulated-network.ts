/*
 * Two sides with a pair of hubs each, joined by parallel core links, even ones between the first hubs, odd ones between the second:
 *
 *   hosts - access 0..n - left-0 ══ core-0, core-2, ... ══ right-0 - access 0..n - hosts
 *                  \       left-1 ══ core-1, core-3, ... ══ right-1      /
 *
 * The lower its number, the shorter a core link: every host of one side reaches its peer on the other over the first one that works, and
 * has the next one, over the other hubs, for a backup.
 */
const ACCESS_ROUTERS = 50;
const FAST_PROBES_MS = 20;

export type Side = "left" | "right";
export const SIDES: readonly Side[] = ["left", "right"];

export interface SimulationSize {
  /** Hosts in all, even. */
  readonly agents: number;
  /** Hosts whose intents ask for fast probes: those that notice. */
  readonly reporting: number;
  readonly coreLinks: number;
}

export function hostName(side: Side, i: number): string {
  return `${side}-host-${i}`;
}

export function coreLink(i: number): string {
  return `core-${i}`;
}

/** The node that a core link leaves on a side. */
export function coreEnd(side: Side, i: number): string {
  return `${side}-hub-${i % 2}`;
}

/** True for hosts that notice a failure by themselves within moments. */
export function isReporting(i: number, { agents, reporting }: SimulationSize): boolean {
  const every = agents / reporting;
  return i % every === 0;
}

export function topologyYaml({ agents, coreLinks }: SimulationSize): string {
  const hubs = SIDES.flatMap((side) => [0, 1].map((i) => `${side}-hub-${i}`));
  const access = SIDES.flatMap((side) => Array.from({ length: ACCESS_ROUTERS }, (_, i) => `${side}-access-${i}`));
  const routers = [...hubs, ...access].map((name, i) => `    - {name: ${name}, nodeId: ${i + 1}}`);
  const hosts = SIDES.flatMap((side, s) =>
    Array.from({ length: agents / 2 }, (_, i) => {
      const nodeId = 1_000 + s * (agents / 2) + i;
      const address = `2001:db8:${s + 1}:${i.toString(16)}::1`;
      return `    - {name: ${hostName(side, i)}, kind: host, nodeId: ${nodeId}, attachedTo: {node: ${side}-access-${i % ACCESS_ROUTERS}, delayUs: 10}, addresses: ["${address}"]}`;
    }),
  );
  const uplinks = SIDES.flatMap((side) =>
    Array.from({ length: ACCESS_ROUTERS }, (_, i) =>
      [0, 1].map((hub) => `    - {a: ${side}-access-${i}, b: ${side}-hub-${hub}, igp: 10, delayUs: 100}`),
    ).flat(),
  );
  const core = Array.from(
    { length: coreLinks },
    (_, i) =>
      `    - {name: ${coreLink(i)}, a: ${coreEnd("left", i)}, b: ${coreEnd("right", i)}, igp: 10, delayUs: ${1_000 + 100 * i}}`,
  );
  return `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: simulation}
spec:
  locatorBlock: fcbb:bb00::/32
  hostPrefixes: ["2001:db8:1::/48", "2001:db8:2::/48"]
  nodes:
${[...routers, ...hosts].join("\n")}
  links:
${[...uplinks, ...core].join("\n")}
`;
}

/** One intent per host, to its peer on the other side. */
export function intentsYaml(side: Side, size: SimulationSize): string[] {
  const other = side === "left" ? "right" : "left";
  return Array.from({ length: size.agents / 2 }, (_, i) => {
    const fast = isReporting(i, size) ? `\n  liveness: {probeIntervalMs: ${FAST_PROBES_MS}}` : "";
    return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${side}-${i}}
spec:
  from: {hosts: [${hostName(side, i)}]}
  to: {hosts: [${hostName(other, i)}]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}${fast}
`;
  });
}
