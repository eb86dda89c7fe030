import {
  DOMAIN_KEY,
  type DesiredCandidate,
  type DesiredDomain,
  type DesiredEntry,
  type DesiredList,
  type DesiredMatch,
  type DesiredPolicy,
  type EntryKey,
  type Ipv6Address,
  type Ipv6Prefix,
  ipv6FromBytes,
  isListKey,
  listKey,
  type OnNoPath,
  parseEntryKey,
  parseIpv6Prefix,
  policyKey,
  type Revised,
  type Sid,
} from "@sextant/model";
import {
  type DomainEntry,
  type Entry,
  type Match,
  OnNoPath as WireOnNoPath,
  type PolicyEntry,
  type Prefix,
  type SegmentListEntry,
} from "@sextant/proto";
import type { EntryState } from "../reconcile/held-entry";

/** Bounds on one entry: beyond them it is malformed. What a host can install is narrower and judged later. */
const ENTRY_LIMITS = {
  segments: 127,
  probeSegments: 127,
  candidates: 64,
  listsPerCandidate: 32,
  destinations: 1_024,
  portRanges: 64,
  sources: 4_096,
  addresses: 64,
  cgroupCharacters: 1_024,
  revisionCharacters: 128,
} as const;

/** Why an entry cannot be read: a sentence for people. Only thrown inside this file. */
class Malformed extends Error {}

/** Reads one entry of a delta; its rejection (`invalid_entry`) when it breaks the contract in any way. */
export function entryFromProto(wire: Entry): Revised | EntryState {
  try {
    const key = parseEntryKey(wire.key);
    if (key === undefined) throw new Malformed("unknown form of key");
    check(
      wire.revision.length >= 1 && wire.revision.length <= ENTRY_LIMITS.revisionCharacters,
      "revision: 1 to 128 characters",
    );
    const entry = bodyFromProto(wire.body);
    check(entry.key === key, `the content belongs under the key ${entry.key}`);
    return { revision: wire.revision, entry };
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    return malformed(wire, thrown.message);
  }
}

/** The rejection carries the key as it came, so that the controller recognises it. */
function malformed({ key, revision }: Entry, message: string): EntryState {
  return { key: key as EntryKey, revision, status: "rejected", reason: "invalid_entry", message };
}

function bodyFromProto(body: Entry["body"]): DesiredEntry {
  switch (body.case) {
    case "segmentList":
      return listFromProto(body.value);
    case "policy":
      return policyFromProto(body.value);
    case "domain":
      return domainFromProto(body.value);
    case undefined:
      throw new Malformed("a kind of entry that this agent does not know: update the agent");
  }
}

function listFromProto(wire: SegmentListEntry): DesiredList {
  count("segments", wire.segments.length, 1, ENTRY_LIMITS.segments);
  count("probe segments", wire.probeSegments.length, 0, ENTRY_LIMITS.probeSegments);
  const segments = wire.segments.map(sidFromBytes);
  const probeSegments = wire.probeSegments.map(sidFromBytes);
  return { kind: "list", key: listKey(segments, probeSegments), segments, probeSegments };
}

function policyFromProto(wire: PolicyEntry): DesiredPolicy {
  count("candidates", wire.candidates.length, 0, ENTRY_LIMITS.candidates);
  return {
    kind: "policy",
    key: policyKey(wire.intent, wire.endpoint),
    intent: wire.intent,
    endpoint: wire.endpoint,
    generation: wire.generation,
    priority: wire.priority,
    candidates: wire.candidates.map(candidateFromProto),
    onNoPath: onNoPathFromProto(wire.onNoPath),
    match: matchFromProto(wire.match),
  };
}

function candidateFromProto({ preference, lists }: PolicyEntry["candidates"][number]): DesiredCandidate {
  count("lists of a candidate", lists.length, 1, ENTRY_LIMITS.listsPerCandidate);
  return {
    preference,
    lists: lists.map(({ list, weight }) => {
      const key = parseEntryKey(list);
      if (key === undefined || !isListKey(key))
        throw new Malformed(`${JSON.stringify(list)} is no key of a segment list`);
      return { list: key, weight };
    }),
  };
}

function onNoPathFromProto(wire: WireOnNoPath): OnNoPath {
  switch (wire) {
    case WireOnNoPath.ROUTE:
    case WireOnNoPath.UNSPECIFIED:
      return "route";
    case WireOnNoPath.DROP:
      return "drop";
  }
}

function matchFromProto(match: Match | undefined): DesiredMatch {
  if (match === undefined) throw new Malformed("a policy needs a match");
  count("destinations", match.destinations.length, 1, ENTRY_LIMITS.destinations);
  count("port ranges", match.ports.length, 0, ENTRY_LIMITS.portRanges);
  check(match.protocol <= 255, `protocol ${match.protocol}: expected 0 to 255`);
  check(match.cgroup.length <= ENTRY_LIMITS.cgroupCharacters, "cgroup: too long");
  const parts = match.cgroup.split("/");
  check(!parts.includes("..") && !match.cgroup.startsWith("/"), "cgroup: expected a path below the host's cgroup root");
  return {
    cgroup: match.cgroup === "" ? undefined : match.cgroup,
    protocol: match.protocol === 0 ? undefined : match.protocol,
    destinations: match.destinations.map(prefixFromProto),
    ports: match.ports.map(({ first, last }) => {
      check(first <= last && last <= 65_535, `ports ${first}-${last}: expected a range within 0-65535`);
      return { first, last };
    }),
  };
}

function domainFromProto(wire: DomainEntry): DesiredDomain {
  count("sources", wire.sources.length, 0, ENTRY_LIMITS.sources);
  count("addresses", wire.addresses.length, 0, ENTRY_LIMITS.addresses);
  return {
    kind: "domain",
    key: DOMAIN_KEY,
    sources: wire.sources.map(prefixFromProto),
    nodeSid: sidFromBytes(wire.nodeSid),
    addresses: wire.addresses.map(addressFromBytes),
  };
}

function prefixFromProto({ address, length }: Prefix): Ipv6Prefix {
  const text = `${addressFromBytes(address)}/${length}`;
  const prefix = parseIpv6Prefix(text);
  if (prefix === undefined) throw new Malformed(`${text}: expected a length of 0 to 128 and no bits beyond it`);
  return prefix;
}

function addressFromBytes(bytes: Uint8Array): Ipv6Address {
  check(bytes.length === 16, `an address of ${bytes.length} bytes: expected 16`);
  return ipv6FromBytes(bytes);
}

function sidFromBytes(bytes: Uint8Array): Sid {
  return addressFromBytes(bytes) as Sid;
}

function count(what: string, actual: number, min: number, max: number): void {
  check(actual >= min && actual <= max, `${actual} ${what}: expected ${min} to ${max}`);
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new Malformed(message);
}
