import { decodeSid, parseIpv6, type Topology } from "@sextant/model";

/** What a segment makes the network do, in words: `lon` or `vie, then over vie-prg-north to prg`. */
export function segmentMeaning(topology: Topology | undefined, segment: string): string {
  const sid = parseIpv6(segment);
  const meaning = topology === undefined || sid === undefined ? undefined : decodeSid(topology.locatorBlock, sid);
  if (topology === undefined || meaning === undefined) return "not of this topology";
  const node = topology.nodes.find(({ nodeId }) => nodeId === meaning.nodeId)?.name;
  if (node === undefined) return "a node that the topology no longer has";
  switch (meaning.kind) {
    case "node":
      return `the shortest way to ${node}`;
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
