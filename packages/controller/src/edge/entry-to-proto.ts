import { create } from "@bufbuild/protobuf";
import {
  type DesiredDomain,
  type DesiredList,
  type DesiredMatch,
  type DesiredPolicy,
  type DesiredProbing,
  type Encapsulation,
  type IpAddress,
  type IpPrefix,
  ipToBytes,
  ipv6ToBytes,
  type OnNoPath,
  type Revised,
  type Spread,
} from "@sextant/model";
import {
  Encapsulation as WireEncapsulation,
  type Entry,
  EntrySchema,
  OnNoPath as WireOnNoPath,
  Spread as WireSpread,
} from "@sextant/proto";

const ON_NO_PATH = { route: WireOnNoPath.ROUTE, drop: WireOnNoPath.DROP } as const satisfies Record<
  OnNoPath,
  WireOnNoPath
>;

const ENCAPSULATION = {
  insert: WireEncapsulation.INSERT,
  encap: WireEncapsulation.ENCAP,
  "encap-full": WireEncapsulation.ENCAP_FULL,
} as const satisfies Record<Encapsulation, WireEncapsulation>;

const SPREAD = {
  flow: WireSpread.FLOW,
  flowlet: WireSpread.FLOWLET,
  packet: WireSpread.PACKET,
} as const satisfies Record<Spread["kind"], WireSpread>;

/** An entry of desired state as it goes over the wire. */
export function entryToProto({ revision, entry }: Revised): Entry {
  return create(EntrySchema, { key: entry.key, revision, body: bodyToProto(entry) });
}

function bodyToProto(entry: Revised["entry"]) {
  switch (entry.kind) {
    case "list":
      return { case: "segmentList" as const, value: listToProto(entry) };
    case "policy":
      return { case: "policy" as const, value: policyToProto(entry) };
    case "domain":
      return { case: "domain" as const, value: domainToProto(entry) };
    case "probing":
      return { case: "probing" as const, value: probingToProto(entry) };
  }
}

function listToProto(list: DesiredList) {
  const { segments, probeSegments, alternateProbeSegments, encapsulation, signingKeyId } = list;
  return {
    segments: segments.map(ipv6ToBytes),
    probeSegments: probeSegments.map(ipv6ToBytes),
    alternateProbeSegments: alternateProbeSegments.map(ipv6ToBytes),
    encapsulation: ENCAPSULATION[encapsulation],
    ...(signingKeyId === undefined ? {} : { signingKeyId }),
  };
}

function policyToProto(policy: DesiredPolicy) {
  const { intent, endpoint, generation, priority, candidates, onNoPath, spread, match } = policy;
  return {
    intent,
    endpoint,
    generation,
    priority,
    candidates: candidates.map(({ preference, lists }) => ({ preference, lists: lists.map((list) => ({ ...list })) })),
    onNoPath: ON_NO_PATH[onNoPath],
    match: matchToProto(match),
    spread: SPREAD[spread.kind],
    ...(spread.kind === "flowlet" ? { flowletGapUs: spread.gapUs } : {}),
  };
}

function matchToProto(match: DesiredMatch) {
  return {
    cgroup: match.cgroup ?? "",
    systemdUnit: match.systemdUnit ?? "",
    container: match.container ?? "",
    user: match.user ?? "",
    executable: match.executable ?? "",
    protocol: match.protocol ?? 0,
    ...(match.dscp === undefined ? {} : { dscp: match.dscp }),
    sources: match.sources.map(prefixToProto),
    sourcePorts: match.sourcePorts.map((range) => ({ ...range })),
    destinations: match.destinations.map(prefixToProto),
    dnsNames: [...match.dnsNames],
    ports: match.ports.map((range) => ({ ...range })),
  };
}

function domainToProto({ sources, nodeSid, decapsulationSid, addresses, senders }: DesiredDomain) {
  return {
    sources: sources.map(prefixToProto),
    nodeSid: ipv6ToBytes(nodeSid),
    addresses: addresses.map(ipToBytes),
    ...(decapsulationSid === undefined ? {} : { decapsulationSid: ipv6ToBytes(decapsulationSid) }),
    senders: senders.map(({ sender, prefixes }) => ({
      address: ipv6ToBytes(sender),
      prefixes: prefixes.map(prefixToProto),
    })),
  };
}

function probingToProto({ lists }: DesiredProbing) {
  return {
    lists: lists.map(({ list, intervalUs, multiplier, links, maxDelayUs, maxLossPpm, violationMs }) => ({
      list,
      intervalUs,
      multiplier,
      links: [...links],
      ...(maxDelayUs === undefined ? {} : { maxDelayUs }),
      ...(maxLossPpm === undefined ? {} : { maxLossPpm }),
      violationMs,
    })),
  };
}

function prefixToProto(prefix: IpPrefix) {
  const slash = prefix.indexOf("/");
  return { address: ipToBytes(prefix.slice(0, slash) as IpAddress), length: Number(prefix.slice(slash + 1)) };
}
