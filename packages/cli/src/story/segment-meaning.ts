import { decodeSid, parseIpv6, type Sid, type Topology, unpackCarrier } from "@sextant/model";

/**
 * What a segment makes the network do, in words: `the shortest way to lon`, and for a carrier each of its SIDs in turn:
 * `the shortest way to zrh, the shortest way to lon, where the outer header comes off`.
 */
export function segmentMeaning(topology: Topology | undefined, segment: string): string {
  const carrier = parseIpv6(segment);
  const sids =
    topology === undefined || carrier === undefined ? undefined : unpackCarrier(topology.locatorBlock, carrier);
  if (topology === undefined || sids === undefined) return "not of this topology";
  return sids.map((sid) => sidMeaning(topology, sid)).join(", ");
}

function sidMeaning(topology: Topology, sid: Sid): string {
  const meaning = decodeSid(topology.locatorBlock, sid);
  if (meaning === undefined) return "a function that this version does not know";
  const node = topology.nodes.find(({ nodeId }) => nodeId === meaning.nodeId)?.name;
  if (node === undefined) return "a node that the topology no longer has";
  switch (meaning.kind) {
    case "node":
      return `the shortest way to ${node}`;
    case "decapsulation":
      return `the shortest way to ${node}, where the outer header comes off`;
    case "adjacency": {
      for (const link of topology.links) {
        for (const side of [link.aToB, link.bToA]) {
          if (side.adjacencySid === sid) return `the shortest way to ${node}, then over ${link.name} to ${side.to}`;
        }
      }
      return `a link of ${node} that the topology no longer has`;
    }
  }
}
