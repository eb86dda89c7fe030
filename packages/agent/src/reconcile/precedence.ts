import type { DesiredPolicy, PortRange } from "@sextant/model";

/** One row as it competes with others for a packet. */
export interface RankedRow {
  readonly policy: DesiredPolicy;
  /** Undefined for any port. */
  readonly ports: PortRange | undefined;
  /** Length of the destination prefix that the policy names. */
  readonly prefixLength: number;
}

/** Depth of a cgroup path: "apps/video" is 2, no cgroup is 0. */
function cgroupDepth(path: string | undefined): number {
  return path === undefined ? 0 : path.split("/").filter((part) => part !== "").length;
}

/**
 * Order in which rows are tried, best first: priority, then specificity (deeper cgroup, narrower ports, a protocol over
 * any, longer prefix), then the intent's name, then the policy's key so that the order is total.
 */
export function compareRows(a: RankedRow, b: RankedRow): number {
  return (
    b.policy.priority - a.policy.priority ||
    cgroupDepth(b.policy.match.cgroup) - cgroupDepth(a.policy.match.cgroup) ||
    portCount(a.ports) - portCount(b.ports) ||
    Number(b.policy.match.protocol !== undefined) - Number(a.policy.match.protocol !== undefined) ||
    b.prefixLength - a.prefixLength ||
    compareText(a.policy.intent, b.policy.intent) ||
    compareText(a.policy.key, b.policy.key) ||
    (a.ports?.first ?? 0) - (b.ports?.first ?? 0)
  );
}

/**
 * Order of whole policies, best first, by the same rules with the narrowest ports and longest prefix of each: decides who
 * stays when a map has not room for all.
 */
export function comparePolicies(a: DesiredPolicy, b: DesiredPolicy): number {
  return compareRows(bestRow(a), bestRow(b));
}

function bestRow(policy: DesiredPolicy): RankedRow {
  const [ports] = [...policy.match.ports].sort((x, y) => portCount(x) - portCount(y));
  const lengths = policy.match.destinations.map((prefix) => Number(prefix.slice(prefix.indexOf("/") + 1)));
  return { policy, ports, prefixLength: Math.max(0, ...lengths) };
}

const EVERY_PORT = 65_536;

/** No range at all is wider than every range. */
function portCount(ports: PortRange | undefined): number {
  return ports === undefined ? EVERY_PORT + 1 : ports.last - ports.first + 1;
}

/** Code-unit order: the same on every machine, unlike localeCompare. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
