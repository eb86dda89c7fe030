import {
  type DesiredPolicy,
  type Ipv6Address,
  type Ipv6Prefix,
  isPolicyKey,
  type OnNoPath,
  type PathState,
  type Sid,
} from "@sextant/model";
import type { KernelKey, KernelSpread } from "../reconcile/data-plane";
import { entryOfKind } from "../reconcile/held-entry";
import { headerSegments } from "../state/header-segments";
import type { HostState } from "../state/host-state";
import type { InterfaceNames } from "../state/interface-names";
import { KernelNames } from "../state/kernel-names";
import { type HeaderField, headerFields } from "./header-fields";
import { headerOnPacket } from "./header-on-packet";
import type { TracedRule } from "./rank-rules";
import { decidingField, priorityOf } from "./rank-fields";
import type { RuleDifference } from "./rule-differences";
import type { TracedList } from "./trace-candidates";
import { type TraceDecision, type TracedEnd, type TracedFit, traceFit, listsTaken } from "./trace-decision";
import type { TracedPacket } from "./traced-packet";

/** A rule that competed, or came near. */
export interface ReportedRule {
  readonly prefix: string;
  /** "policy/…", or 16 hex digits where the state on disk does not tell. */
  readonly policy: string;
  readonly intent: string | null;
  readonly priority: number;
  readonly wins: boolean;
  /** Empty where it matches. */
  readonly differences: readonly RuleDifference[];
  /** Of a rule that matches and does not win: by what the winner comes before it. */
  readonly losesBy: string | null;
}

export interface ReportedCandidate {
  readonly preference: number | null;
  readonly chosen: boolean;
  readonly lists: readonly {
    readonly list: string;
    readonly installed: boolean;
    readonly state: PathState;
    readonly weight: number;
    readonly share: number;
  }[];
}

/** What the packet looks like on a list that it may take. */
export interface ReportedList {
  readonly list: string;
  /** Part of all flows of the policy that take it, 0 to 1. */
  readonly share: number;
  readonly encapsulation: "insert" | "encap";
  readonly segments: readonly Sid[];
  readonly uplink: string | null;
  readonly ifindex: number;
  readonly gateway: Ipv6Address | null;
  readonly mtu: number;
  readonly fit: TracedFit;
  /** Hex digits of the bytes that go onto the packet. */
  readonly header: string;
  readonly fields: readonly HeaderField[];
}

/** The packet asked about; kernel numbers are decimal text. */
export interface ReportedPacket extends Omit<TracedPacket, "socket" | "sourcePort" | "destinationPort"> {
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly socket: {
    /** From the hierarchy's root down to the socket's own. */
    readonly cgroups: readonly string[];
    readonly uid: number | null;
    readonly executable: { readonly device: number; readonly inode: string } | null;
  } | null;
}

/** The answer of `sextant agent trace`. */
export interface TraceReport {
  readonly instance: string;
  readonly packet: ReportedPacket;
  /** Competing rules in the order in which they win; when none matches, the nearest of all. */
  readonly rules: readonly ReportedRule[];
  readonly policy: {
    readonly policy: string;
    readonly intent: string | null;
    readonly endpoint: string | null;
    readonly generation: number | null;
    readonly onNoPath: OnNoPath;
    readonly spread: KernelSpread;
  } | null;
  readonly candidates: readonly ReportedCandidate[];
  /** The one that this packet takes; all that it may take where the choice is random, or depends on a port not given. */
  readonly lists: readonly ReportedList[];
  readonly steered: boolean;
  /** Why it is not steered; null when it is. */
  readonly end:
    | TracedEnd
    | "too_big"
    | "forwarded_insert"
    | "ipv4_insert"
    | "source_foreign"
    | "upper_layer_insert"
    | null;
}

export interface ReportFacts {
  readonly instance: string;
  readonly state: HostState | undefined;
  readonly links: InterfaceNames;
  readonly domainSources: ReadonlySet<Ipv6Prefix>;
}

/** The decision with names in place of numbers. Pure. */
export function traceReport(decision: TraceDecision, packet: TracedPacket, facts: ReportFacts): TraceReport {
  const names = new KernelNames(facts.state);
  const lists = listsTaken(decision, packet).flatMap((list) => reportedList(list, packet, names, facts));
  const desired = decision.winner && desiredPolicy(decision.winner.rule.policy, names, facts.state);
  return {
    instance: facts.instance,
    packet: reportedPacket(packet),
    rules: decision.rules.map((rule) => reportedRule(rule, decision, names, facts.state)),
    policy: reportedPolicy(decision, names, desired),
    candidates: decision.candidates.map(({ chosen, lists: all }, index) => ({
      preference: desired?.candidates[index]?.preference ?? null,
      chosen,
      lists: all.map(({ key, list, state, weight, share }) => ({
        list: names.of(key),
        installed: list !== undefined,
        state,
        weight,
        share,
      })),
    })),
    lists,
    steered: lists.some(({ fit }) => fit.kind === "fits"),
    end: decision.end ?? endOf(lists),
  };
}

function reportedPacket(packet: TracedPacket): ReportedPacket {
  const { socket, sourcePort, destinationPort } = packet;
  const executable = socket?.executable;
  return {
    ...packet,
    sourcePort: sourcePort ?? null,
    destinationPort: destinationPort ?? null,
    socket:
      socket === undefined
        ? null
        : {
            cgroups: socket.cgroups.map(String),
            uid: socket.uid ?? null,
            executable:
              executable === undefined ? null : { device: executable.device, inode: String(executable.inode) },
          },
  };
}

function endOf(lists: readonly ReportedList[]): TraceReport["end"] {
  const fits = lists.map(({ fit }) => fit);
  if (fits.some(({ kind }) => kind === "fits")) return null;
  const refused = fits.find((fit) => fit.kind === "refused");
  return refused?.reason ?? "too_big";
}

function reportedRule(
  { prefix, rule, differences }: TracedRule,
  { winner }: TraceDecision,
  names: KernelNames,
  state: HostState | undefined,
): ReportedRule {
  const wins = winner?.rule === rule;
  const loses = winner !== undefined && !wins && differences.length === 0;
  const desired = desiredPolicy(rule.policy, names, state);
  return {
    prefix,
    policy: names.of(rule.policy),
    intent: desired?.intent ?? null,
    priority: priorityOf(rule.rank),
    wins,
    differences: differences.map((difference) => ({ ...difference, wanted: wantedName(difference, desired) })),
    losesBy: loses ? decidingField(winner.rule.rank, rule.rank) : null,
  };
}

/** The intent's own word for what the kernel knows by number. */
function wantedName({ field, wanted }: RuleDifference, desired: DesiredPolicy | undefined): string {
  const { cgroup, systemdUnit, container, user, executable } = desired?.match ?? {};
  const named: Partial<Record<RuleDifference["field"], string | undefined>> = {
    cgroup: cgroup ?? systemdUnit ?? container,
    uid: user,
    executable,
  };
  return named[field] ?? wanted;
}

function reportedPolicy(
  { winner, policy }: TraceDecision,
  names: KernelNames,
  desired: DesiredPolicy | undefined,
): TraceReport["policy"] {
  if (winner === undefined || policy === undefined) return null;
  return {
    policy: names.of(winner.rule.policy),
    intent: desired?.intent ?? null,
    endpoint: desired?.endpoint ?? null,
    generation: desired?.generation ?? null,
    onNoPath: policy.onNoPath,
    spread: policy.spread,
  };
}

function desiredPolicy(key: KernelKey, names: KernelNames, state: HostState | undefined): DesiredPolicy | undefined {
  const entryKey = names.entryKey(key);
  if (state === undefined || entryKey === undefined || !isPolicyKey(entryKey)) return undefined;
  return entryOfKind(state.installed, entryKey, "policy") ?? entryOfKind(state.wanted, entryKey, "policy");
}

function reportedList(
  { key, list, share }: TracedList,
  packet: TracedPacket,
  names: KernelNames,
  { links, domainSources }: ReportFacts,
): ReportedList[] {
  if (list === undefined) return [];
  const { encapsulation, nextHop, mtu } = list;
  const bytes = headerOnPacket(list, packet);
  return [
    {
      list: names.of(key),
      share,
      encapsulation,
      segments: headerSegments(list),
      uplink: links.get(nextHop.ifindex) ?? null,
      ifindex: nextHop.ifindex,
      gateway: nextHop.gateway ?? null,
      mtu,
      fit: traceFit(list, packet, domainSources),
      header: Buffer.from(bytes).toString("hex"),
      fields: headerFields(bytes, encapsulation),
    },
  ];
}
