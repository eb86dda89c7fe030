import type { MessageInitShape } from "@bufbuild/protobuf";
import { type DesiredEntry, type Ipv6Prefix, ipv6ToBytes, prefixParts } from "@sextant/model";
import { type EntrySchema, OnNoPath } from "@sextant/proto";
import { revised } from "../../../../test/support/desired";

type WireEntry = MessageInitShape<typeof EntrySchema>;

/** An entry as a controller puts it on the wire. */
export function entryToWire(entry: DesiredEntry): WireEntry {
  return { key: entry.key, revision: revised(entry).revision, body: bodyToWire(entry) };
}

function bodyToWire(entry: DesiredEntry): NonNullable<WireEntry["body"]> {
  switch (entry.kind) {
    case "list": {
      const { segments, probeSegments } = entry;
      const value = { segments: segments.map(ipv6ToBytes), probeSegments: probeSegments.map(ipv6ToBytes) };
      return { case: "segmentList", value };
    }
    case "domain": {
      const { sources, nodeSid, addresses } = entry;
      const value = {
        sources: sources.map(prefixToWire),
        nodeSid: ipv6ToBytes(nodeSid),
        addresses: addresses.map(ipv6ToBytes),
      };
      return { case: "domain", value };
    }
    case "policy": {
      const { intent, endpoint, generation, priority, match } = entry;
      const candidates = entry.candidates.map(({ preference, lists }) => ({ preference, lists: [...lists] }));
      const onNoPath = entry.onNoPath === "drop" ? OnNoPath.DROP : OnNoPath.ROUTE;
      const wireMatch = {
        cgroup: match.cgroup ?? "",
        protocol: match.protocol ?? 0,
        destinations: match.destinations.map(prefixToWire),
        ports: [...match.ports],
      };
      return {
        case: "policy",
        value: { intent, endpoint, generation, priority, candidates, onNoPath, match: wireMatch },
      };
    }
  }
}

function prefixToWire(prefix: Ipv6Prefix): { address: Uint8Array; length: number } {
  const { address, length } = prefixParts(prefix);
  return { address: ipv6ToBytes(address), length };
}
