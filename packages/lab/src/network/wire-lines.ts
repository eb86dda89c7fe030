import type { LabLink } from "../plan";
import { DIRECTIONS, type Direction, type DirectionSettings, LINK_MTU, type LinkSettings } from "./link-settings";

/** What carries a delay: the kernel's netem qdisc where it exists, else the lab's own program. */
export type DelayBackend = "netem" | "delay-line";

const FIRST_PORT_NUMBER = 100_000;
/** Packets that netem may hold per direction. */
const NETEM_LIMIT = 16_384;
/** How long a full token bucket may make a packet wait before it drops. */
const RATE_QUEUE_MS = 50;

/** What has to be done so that a link does as told; lines for `ip -batch`, `tc -batch` and the delay line. */
export interface WireLines {
  /** Inside the nodes. The wires in between carry the most that any link may. */
  readonly nodes: readonly { readonly node: string; readonly ip: readonly string[] }[];
  readonly ip: readonly string[];
  readonly tc: readonly string[];
  readonly delayLine: readonly string[];
}

/**
 *   node a            namespace of the wires                 node b
 *   to-b ═══════ w0a ──▶ redirect or delay line ──▶ w0b ═══════ to-a
 *                             loss, blackhole, rate (egress of w0b)
 * A direction enters at one port and leaves at the other.
 */
export function portsOf(link: LabLink, direction: Direction): { from: string; to: string } {
  return direction === "aToB" ? { from: link.a.port, to: link.b.port } : { from: link.b.port, to: link.a.port };
}

/**
 * Lines that make the two cables of a link: nodes' ends, and ports in the namespace where they run. Ports have high interface
 * numbers, other than those at the nodes' ends: the kernel tells of a change of carrier at once when the two ends of a veth have
 * different numbers, else it may take a second (linkwatch_urgent_event).
 */
export function cableLines(link: LabLink, index: number, namespaceOf: (node: string) => string): string[] {
  return [link.a, link.b].flatMap((end, side) => [
    `link add name ${end.port} index ${FIRST_PORT_NUMBER + 2 * index + side} mtu ${LINK_MTU} type veth peer name ${end.interfaceName} ` +
      `address ${end.hardwareAddress} mtu ${LINK_MTU} netns ${namespaceOf(end.node)}`,
    `link set dev ${end.port} alias "${end.link} at ${end.node}"`,
  ]);
}

/** What a new link needs before it has any settings. */
export function newWireLines(link: LabLink): string[] {
  return [link.a, link.b].map((end) => `qdisc add dev ${end.port} clsact`);
}

/** The difference between two settings of a link; `before` is undefined for a new link. */
export function wireLines(
  link: LabLink,
  before: LinkSettings | undefined,
  after: LinkSettings,
  backend: DelayBackend,
): WireLines {
  const lines = DIRECTIONS.map((direction) => {
    const ports = portsOf(link, direction);
    return directionLines(ports, before?.[direction], after[direction], backend);
  });
  const ip = before?.state === after.state ? [] : portLines(link, after.state);
  return {
    nodes: mtuLines(link, before?.mtu ?? LINK_MTU, after.mtu),
    ip,
    tc: lines.flatMap(({ tc }) => tc),
    delayLine: lines.flatMap(({ delayLine }) => delayLine),
  };
}

function mtuLines(link: LabLink, before: number, after: number): WireLines["nodes"] {
  if (before === after) return [];
  return [link.a, link.b].map(({ node, interfaceName }) => ({
    node,
    ip: [`link set dev ${interfaceName} mtu ${after}`],
  }));
}

/** Both ports: a node's interface has carrier while its port is up. */
function portLines(link: LabLink, state: "up" | "down"): string[] {
  return [link.a, link.b].map(({ port }) => `link set dev ${port} ${state}`);
}

function directionLines(
  { from, to }: { from: string; to: string },
  before: DirectionSettings | undefined,
  after: DirectionSettings,
  backend: DelayBackend,
): Pick<WireLines, "tc" | "delayLine"> {
  const tc: string[] = [];
  const delayLine: string[] = [];
  const userSpace = (settings: DirectionSettings) => isDelayedInUserSpace(settings, backend);
  if (before === undefined || userSpace(before) !== userSpace(after)) {
    // Away from the old way first: for a moment packets are lost, but none is doubled.
    if (before !== undefined && userSpace(before)) delayLine.push(`remove ${from} ${to}`);
    if (before !== undefined && !userSpace(before)) tc.push(`filter del dev ${from} ingress pref 1`);
    if (!userSpace(after)) tc.push(redirectLine(from, to));
  }
  if (userSpace(after) && before?.delayUs !== after.delayUs) delayLine.push(`forward ${from} ${to} ${after.delayUs}`);
  tc.push(...dropLines(to, before, after), ...queueLines(to, before, after, backend));
  return { tc, delayLine };
}

function isDelayedInUserSpace({ delayUs }: DirectionSettings, backend: DelayBackend): boolean {
  return backend === "delay-line" && delayUs > 0;
}

/** Whether the delay line has a direction of the link, at least. */
export function isCarriedInUserSpace(settings: LinkSettings, backend: DelayBackend): boolean {
  return DIRECTIONS.some((direction) => isDelayedInUserSpace(settings[direction], backend));
}

function redirectLine(from: string, to: string): string {
  return `filter add dev ${from} ingress pref 1 protocol all u32 match u32 0 0 action mirred egress redirect dev ${to}`;
}

/** Parts per million of packets to drop; a blackhole is all of them. */
function dropPpm(settings: DirectionSettings | undefined): number {
  if (settings === undefined) return 0;
  return settings.blackhole ? 1_000_000 : settings.lossPpm;
}

function dropLines(port: string, before: DirectionSettings | undefined, after: DirectionSettings): string[] {
  const ppm = dropPpm(after);
  if (ppm === dropPpm(before)) return [];
  if (ppm === 0) return [`filter del dev ${port} egress pref 1`];
  return [
    `filter replace dev ${port} egress pref 1 handle 1 protocol all bpf direct-action bytecode "${dropProgram(ppm)}"`,
  ];
}

/** Classic BPF: drop (TC_ACT_SHOT) when the kernel's random number is below the threshold, else go on (TC_ACT_UNSPEC). */
function dropProgram(ppm: number): string {
  const shot = "6 0 0 2";
  if (ppm >= 1_000_000) return `1,${shot},`;
  const threshold = Math.round((ppm / 1_000_000) * 2 ** 32);
  // ld #rand; jge #threshold, 1 further; ret SHOT; ret UNSPEC
  return `4,32 0 0 4294963256,53 1 0 ${threshold},${shot},6 0 0 4294967295,`;
}

function queueLines(
  port: string,
  before: DirectionSettings | undefined,
  after: DirectionSettings,
  backend: DelayBackend,
): string[] {
  const queue = queueOf(after, backend);
  const old = before === undefined ? "" : queueOf(before, backend);
  if (queue === old) return [];
  return [queue === "" ? `qdisc del dev ${port} root` : `qdisc replace dev ${port} root ${queue}`];
}

function queueOf({ delayUs, rateMbps }: DirectionSettings, backend: DelayBackend): string {
  if (backend === "netem" && delayUs > 0) {
    const rate = rateMbps === undefined ? "" : ` rate ${rateMbps * 1_000}kbit`;
    return `handle 2: netem delay ${delayUs}us limit ${NETEM_LIMIT}${rate}`;
  }
  if (rateMbps === undefined) return "";
  // Ten milliseconds' worth, and never less than one packet of the link's MTU.
  const burst = Math.max(2 * LINK_MTU, Math.round(rateMbps * 1_250));
  return `handle 1: tbf rate ${Math.round(rateMbps * 1_000)}kbit burst ${burst} latency ${RATE_QUEUE_MS}ms`;
}
