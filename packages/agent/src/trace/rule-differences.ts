import { addressPrefix, type IpPrefix, ipPrefixCovers, type PortRange } from "@sextant/model";
import type { KernelRule } from "../reconcile/data-plane";
import type { TracedPacket } from "./traced-packet";

/** A field in which a packet is not what a rule asks for. */
export interface RuleDifference {
  readonly field:
    | "destination"
    | "protocol"
    | "source"
    | "sourcePorts"
    | "ports"
    | "dscp"
    | "cgroup"
    | "uid"
    | "executable";
  readonly wanted: string;
  readonly actual: string;
}

/** Every field in which the packet differs from the rule of this prefix, in the order in which the packet path asks; empty: it matches. */
export function ruleDifferences(prefix: IpPrefix, rule: KernelRule, packet: TracedPacket): RuleDifference[] {
  return [
    differs("destination", ipPrefixCovers(prefix, addressPrefix(packet.destination)), prefix, packet.destination),
    ...headerDifferences(rule, packet),
    ...socketDifferences(rule, packet),
  ].flatMap((difference) => difference ?? []);
}

type Answer = RuleDifference | undefined;

function headerDifferences(rule: KernelRule, packet: TracedPacket): Answer[] {
  const { protocol, source, sourcePorts, ports, dscp } = rule;
  return [
    asked("protocol", protocol, protocol === packet.protocol, packet.protocol),
    asked(
      "source",
      source,
      source !== undefined && ipPrefixCovers(source, addressPrefix(packet.source)),
      packet.source,
    ),
    portsAsked("sourcePorts", sourcePorts, packet.sourcePort),
    portsAsked("ports", ports, packet.destinationPort),
    asked("dscp", dscp, dscp === packet.dscp, packet.dscp),
  ];
}

function socketDifferences({ cgroup, uid, executable }: KernelRule, packet: TracedPacket): Answer[] {
  const socket = packet.forwarded ? undefined : packet.socket; // A forwarded packet is of no socket of this host.
  const own = socket?.cgroups.at(-1);
  const file = socket?.executable;
  return [
    asked(
      "cgroup",
      cgroup && `${cgroup.id} at depth ${cgroup.level}`,
      cgroup !== undefined && socket?.cgroups[cgroup.level] === cgroup.id,
      own ?? "unknown",
    ),
    asked("uid", uid, uid === socket?.uid, socket?.uid ?? "unknown"),
    asked(
      "executable",
      executable && fileText(executable),
      executable !== undefined && file !== undefined && fileText(executable) === fileText(file),
      file === undefined ? "unknown" : fileText(file),
    ),
  ];
}

function portsAsked(field: "ports" | "sourcePorts", range: PortRange | undefined, port: number | undefined): Answer {
  const inside = range !== undefined && port !== undefined && port >= range.first && port <= range.last;
  return asked(field, range && portText(range), inside, port ?? "none");
}

/** An absent field of a rule is not asked: everything matches it. */
function asked(field: RuleDifference["field"], wanted: unknown, matches: boolean, actual: unknown): Answer {
  return wanted === undefined ? undefined : differs(field, matches, wanted, actual);
}

function differs(field: RuleDifference["field"], matches: boolean, wanted: unknown, actual: unknown): Answer {
  return matches ? undefined : { field, wanted: String(wanted), actual: String(actual) };
}

/** "443" or "5000-5999". */
export function portText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function fileText({ device, inode }: { device: number; inode: bigint }): string {
  return `inode ${inode} of device ${device >> 20}:${device & 0xfffff}`;
}
