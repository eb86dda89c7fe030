import {
  DOMAIN_KEY,
  type DesiredCandidate,
  type DesiredDomain,
  type DesiredEntry,
  type DesiredList,
  type DesiredPolicy,
  type Encapsulation,
  type EntryKey,
  isListKey,
  listKey,
  type OnNoPath,
  parseEntryKey,
  policyKey,
  type Revised,
  type Spread,
} from "@sextant/model";
import {
  type DomainEntry,
  Encapsulation as WireEncapsulation,
  type Entry,
  OnNoPath as WireOnNoPath,
  type PolicyEntry,
  type SegmentListEntry,
  Spread as WireSpread,
} from "@sextant/proto";
import type { EntryState } from "../reconcile/held-entry";
import { addressFromBytes, ipv6PrefixFromProto, prefixFromProto, sidFromBytes } from "./address-from-proto";
import { check, count, Malformed } from "./malformed";
import { matchFromProto } from "./match-from-proto";
import { probingFromProto } from "./probing-from-proto";

/** Bounds on one entry: beyond them it is malformed. What a host can install is narrower and judged later. */
const ENTRY_LIMITS = {
  segments: 127,
  probeSegments: 127,
  candidates: 64,
  listsPerCandidate: 32,
  sources: 4_096,
  addresses: 64,
  senders: 65_536,
  revisionCharacters: 128,
} as const;

/** Reads one entry of a delta; its rejection (`invalid_entry`) when it breaks the contract in any way. */
export function entryFromProto(wire: Entry): Revised | EntryState {
  try {
    const key = parseEntryKey(wire.key);
    if (key === undefined) throw new Malformed("unknown form of key");
    check(
      wire.revision.length >= 1 && wire.revision.length <= ENTRY_LIMITS.revisionCharacters,
      "revision: 1 to 128 characters",
    );
    const entry = bodyFromProto(wire.body, key);
    check(entry.key === key, `the content belongs under the key ${entry.key}`);
    return { revision: wire.revision, entry };
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    return malformed(wire, thrown);
  }
}

/** The rejection carries the key as it came, so that the controller recognises it. */
function malformed({ key, revision }: Entry, { reason, message }: Malformed): EntryState {
  return { key: key as EntryKey, revision, status: "rejected", reason, message };
}

function bodyFromProto(body: Entry["body"], key: EntryKey): DesiredEntry {
  switch (body.case) {
    case "segmentList":
      return listFromProto(body.value);
    case "policy":
      return policyFromProto(body.value, key);
    case "domain":
      return domainFromProto(body.value);
    case "probing":
      return probingFromProto(body.value);
    case undefined:
      throw new Malformed("a kind of entry that this agent does not know: update the agent", "unsupported_mode");
  }
}

function listFromProto(wire: SegmentListEntry): DesiredList {
  count("segments", wire.segments.length, 1, ENTRY_LIMITS.segments);
  count("probe segments", wire.probeSegments.length, 0, ENTRY_LIMITS.probeSegments);
  count("alternate probe segments", wire.alternateProbeSegments.length, 0, ENTRY_LIMITS.probeSegments);
  check(wire.signingKeyId !== 0, "signing key 0: expected 1 or more");
  const content = {
    encapsulation: encapsulationFromProto(wire.encapsulation),
    segments: wire.segments.map(sidFromBytes),
    probeSegments: wire.probeSegments.map(sidFromBytes),
    alternateProbeSegments: wire.alternateProbeSegments.map(sidFromBytes),
    signingKeyId: wire.signingKeyId,
  };
  return { kind: "list", key: listKey(content), ...content };
}

function encapsulationFromProto(wire: WireEncapsulation): Encapsulation {
  switch (wire) {
    case WireEncapsulation.UNSPECIFIED:
    case WireEncapsulation.INSERT:
      return "insert";
    case WireEncapsulation.ENCAP:
      return "encap";
    case WireEncapsulation.ENCAP_FULL:
      return "encap-full";
    default:
      return unknownValue("encapsulation", wire);
  }
}

function policyFromProto(wire: PolicyEntry, key: EntryKey): DesiredPolicy {
  count("candidates", wire.candidates.length, 0, ENTRY_LIMITS.candidates);
  check(wire.priority <= 0xffff, `priority ${wire.priority}: expected 0 to 65535`);
  const { intent, endpoint, generation, priority } = wire;
  const wayBack = policyKey(intent, endpoint, "return");
  return {
    kind: "policy",
    key: key === wayBack ? wayBack : policyKey(intent, endpoint),
    intent,
    endpoint,
    generation,
    priority,
    candidates: wire.candidates.map(candidateFromProto),
    onNoPath: onNoPathFromProto(wire.onNoPath),
    spread: spreadFromProto(wire),
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
      check(weight >= 1 && weight <= 0xffff, `weight ${weight}: expected 1 to 65535`);
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
    default:
      return unknownValue("what to do without a path", wire);
  }
}

function spreadFromProto({ spread, flowletGapUs }: PolicyEntry): Spread {
  switch (spread) {
    case WireSpread.UNSPECIFIED:
    case WireSpread.FLOW:
      return { kind: "flow" };
    case WireSpread.FLOWLET:
      check(flowletGapUs > 0, "a flowlet gap of 0: expected microseconds");
      return { kind: "flowlet", gapUs: flowletGapUs };
    case WireSpread.PACKET:
      return { kind: "packet" };
    default:
      return unknownValue("spread", spread);
  }
}

function domainFromProto(wire: DomainEntry): DesiredDomain {
  count("sources", wire.sources.length, 0, ENTRY_LIMITS.sources);
  count("addresses", wire.addresses.length, 0, ENTRY_LIMITS.addresses);
  count("senders", wire.senders.length, 0, ENTRY_LIMITS.senders);
  return {
    kind: "domain",
    key: DOMAIN_KEY,
    sources: wire.sources.map(ipv6PrefixFromProto),
    nodeSid: sidFromBytes(wire.nodeSid),
    decapsulationSid: wire.decapsulationSid.length === 0 ? undefined : sidFromBytes(wire.decapsulationSid),
    addresses: wire.addresses.map(addressFromBytes),
    senders: wire.senders.map(({ address, prefixes }) => ({
      sender: sidFromBytes(address),
      prefixes: prefixes.map(prefixFromProto),
    })),
  };
}

/** proto3 enumerations are open: a newer controller may send what this agent has no name for. */
function unknownValue(what: string, value: number): never {
  throw new Malformed(`${what} ${value} is not known to this agent: update it`, "unsupported_mode");
}
