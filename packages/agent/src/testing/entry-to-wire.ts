import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type DesiredEntry,
  type DesiredMatch,
  type Encapsulation,
  type IpAddress,
  type IpPrefix,
  ipToBytes,
  ipv6ToBytes,
  type OnNoPath,
  type Spread,
} from "@sextant/model";
import {
  Encapsulation as WireEncapsulation,
  type EntrySchema,
  type MatchSchema,
  OnNoPath as WireOnNoPath,
  Spread as WireSpread,
} from "@sextant/proto";
import { revised } from "../../../../test/support/desired";

type WireEntry = MessageInitShape<typeof EntrySchema>;

const ENCAPSULATION: Record<Encapsulation, WireEncapsulation> = {
  insert: WireEncapsulation.INSERT,
  encap: WireEncapsulation.ENCAP,
  "encap-full": WireEncapsulation.ENCAP_FULL,
};
const SPREAD: Record<Spread["kind"], WireSpread> = {
  flow: WireSpread.FLOW,
  flowlet: WireSpread.FLOWLET,
  packet: WireSpread.PACKET,
};
const ON_NO_PATH: Record<OnNoPath, WireOnNoPath> = { route: WireOnNoPath.ROUTE, drop: WireOnNoPath.DROP };

/** An entry as a controller puts it on the wire. */
export function entryToWire(entry: DesiredEntry): WireEntry {
  return { key: entry.key, revision: revised(entry).revision, body: bodyToWire(entry) };
}

function bodyToWire(entry: DesiredEntry): NonNullable<WireEntry["body"]> {
  switch (entry.kind) {
    case "list": {
      const { segments, probeSegments, alternateProbeSegments, encapsulation, signingKeyId } = entry;
      const value = {
        segments: segments.map(ipv6ToBytes),
        probeSegments: probeSegments.map(ipv6ToBytes),
        alternateProbeSegments: alternateProbeSegments.map(ipv6ToBytes),
        encapsulation: ENCAPSULATION[encapsulation],
        ...(signingKeyId === undefined ? {} : { signingKeyId }),
      };
      return { case: "segmentList", value };
    }
    case "domain": {
      const { sources, nodeSid, decapsulationSid, addresses, senders } = entry;
      const value = {
        sources: sources.map(prefixToWire),
        nodeSid: ipv6ToBytes(nodeSid),
        decapsulationSid: decapsulationSid === undefined ? new Uint8Array() : ipv6ToBytes(decapsulationSid),
        addresses: addresses.map((address) => ipToBytes(address)),
        senders: senders.map(({ sender, prefixes }) => ({
          address: ipv6ToBytes(sender),
          prefixes: prefixes.map(prefixToWire),
        })),
      };
      return { case: "domain", value };
    }
    case "probing": {
      const lists = entry.lists.map(({ maxDelayUs, maxLossPpm, links, ...rest }) => ({
        ...rest,
        links: [...links],
        ...(maxDelayUs === undefined ? {} : { maxDelayUs }),
        ...(maxLossPpm === undefined ? {} : { maxLossPpm }),
      }));
      return { case: "probing", value: { lists } };
    }
    case "policy": {
      const { intent, endpoint, generation, priority, spread } = entry;
      const value = {
        intent,
        endpoint,
        generation,
        priority,
        candidates: entry.candidates.map(({ preference, lists }) => ({ preference, lists: [...lists] })),
        onNoPath: ON_NO_PATH[entry.onNoPath],
        spread: SPREAD[spread.kind],
        flowletGapUs: spread.kind === "flowlet" ? spread.gapUs : 0,
        match: matchToWire(entry.match),
      };
      return { case: "policy", value };
    }
  }
}

function matchToWire(match: DesiredMatch): MessageInitShape<typeof MatchSchema> {
  return {
    cgroup: match.cgroup ?? "",
    systemdUnit: match.systemdUnit ?? "",
    container: match.container ?? "",
    user: match.user ?? "",
    executable: match.executable ?? "",
    protocol: match.protocol ?? 0,
    ...(match.dscp === undefined ? {} : { dscp: match.dscp }),
    sources: match.sources.map(prefixToWire),
    sourcePorts: [...match.sourcePorts],
    destinations: match.destinations.map(prefixToWire),
    dnsNames: [...match.dnsNames],
    ports: [...match.ports],
  };
}

function prefixToWire(prefix: IpPrefix): { address: Uint8Array; length: number } {
  const [address = "", length] = prefix.split("/");
  return { address: ipToBytes(address as IpAddress), length: Number(length) };
}
