import { create } from "@bufbuild/protobuf";
import {
  type DesiredDomain,
  type DesiredList,
  type DesiredMatch,
  type DesiredPolicy,
  type Ipv6Prefix,
  ipv6ToBytes,
  type OnNoPath,
  prefixParts,
  type Revised,
} from "@sextant/model";
import { type Entry, EntrySchema, OnNoPath as WireOnNoPath } from "@sextant/proto";

const ON_NO_PATH = { route: WireOnNoPath.ROUTE, drop: WireOnNoPath.DROP } as const satisfies Record<
  OnNoPath,
  WireOnNoPath
>;

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
  }
}

function listToProto({ segments, probeSegments }: DesiredList) {
  return { segments: segments.map(ipv6ToBytes), probeSegments: probeSegments.map(ipv6ToBytes) };
}

function policyToProto({ intent, endpoint, generation, priority, candidates, onNoPath, match }: DesiredPolicy) {
  return {
    intent,
    endpoint,
    generation,
    priority,
    candidates: candidates.map(({ preference, lists }) => ({ preference, lists: lists.map((list) => ({ ...list })) })),
    onNoPath: ON_NO_PATH[onNoPath],
    match: matchToProto(match),
  };
}

function matchToProto({ cgroup, protocol, destinations, ports }: DesiredMatch) {
  return {
    cgroup: cgroup ?? "",
    protocol: protocol ?? 0,
    destinations: destinations.map(prefixToProto),
    ports: ports.map((range) => ({ ...range })),
  };
}

function domainToProto({ sources, nodeSid, addresses }: DesiredDomain) {
  return {
    sources: sources.map(prefixToProto),
    nodeSid: ipv6ToBytes(nodeSid),
    addresses: addresses.map(ipv6ToBytes),
  };
}

function prefixToProto(prefix: Ipv6Prefix) {
  const { address, length } = prefixParts(prefix);
  return { address: ipv6ToBytes(address), length };
}
