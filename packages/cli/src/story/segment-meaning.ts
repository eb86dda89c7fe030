import {
  decodeSid,
  type Ipv6Prefix,
  parseIpv6,
  type Sid,
  sidInBlock,
  type Topology,
  unpackCarrier,
} from "@sextant/model";

/**
 * What a segment makes the network do, in words: `the shortest way to lon`, and for a carrier each of its SIDs in turn:
 * `the shortest way to zrh, the shortest way to lon, where the outer header comes off`.
 */
export function segmentMeaning(topology: Topology | undefined, segment: string): string {
  const carrier = parseIpv6(segment);
  if (topology === undefined || carrier === undefined) return "not of this topology";
  const routings: Routing[] = [{ block: topology.locatorBlock, way: "the shortest way" }];
  for (const { name, locatorBlock } of topology.algorithms)
    routings.push({ block: locatorBlock, way: `the way of algorithm ${name}` });
  for (const routing of routings) {
    const sids = unpackCarrier(routing.block, carrier);
    if (sids !== undefined) return sids.map((sid) => sidMeaning(topology, sid, routing)).join(", ");
  }
  return "not of this topology";
}

/** How packets for the SIDs of a block are routed. */
interface Routing {
  readonly block: Ipv6Prefix;
  readonly way: string;
}

function sidMeaning(topology: Topology, sid: Sid, { block, way }: Routing): string {
  const meaning = decodeSid(block, sid);
  if (meaning === undefined) return "a function that this version does not know";
  const node = topology.nodes.find(({ nodeId }) => nodeId === meaning.nodeId)?.name;
  if (node === undefined) return "a node that the topology no longer has";
  switch (meaning.kind) {
    case "node":
      return `${way} to ${node}`;
    case "decapsulation":
      return `${way} to ${node}, where the outer header comes off`;
    case "adjacency": {
      for (const link of topology.links) {
        for (const side of [link.aToB, link.bToA]) {
          if (sidInBlock(block, side.adjacencySid) === sid)
            return `${way} to ${node}, then over ${link.name} to ${side.to}`;
        }
      }
      const binding = topology.bindings.find((each) => each.sid === sid);
      if (binding !== undefined) {
        const links = binding.path.map(({ link }) => link).join(", ");
        return `${way} to ${node}, then as ${binding.name} over ${links} to ${binding.end}`;
      }
      return `a link or binding of ${node} that the topology no longer has`;
    }
  }
}
