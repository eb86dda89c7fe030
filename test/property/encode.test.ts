import fc from "fast-check";
import { igpRows, PLAIN_KIND } from "../../packages/controller/src/compute/igp-rows";
import { encode } from "../../packages/controller/src/pipeline/encode";
import type { SettledMode } from "../../packages/controller/src/pipeline/mode";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { sidNames } from "../support/network";
import type { Hop } from "./brute-force";
import { type EncodedWalk, encodeWalk, hopsOf, type WalkCase, walkCases, wayBack, waysHome } from "./encode-cases";
import { check } from "./fuzz";
import { HeaderModel } from "./header-model";
import { type RandomNetwork, topologyFor } from "./random-network";

function encoded(
  network: RandomNetwork,
  walk: readonly Hop[],
): { result: EncodedWalk; list: string[]; probe: string[] } {
  const topology = topologyFor(network);
  const result = encodeWalk(topology, walk);
  const names = (sids: Parameters<typeof sidNames>[1]) => sidNames(topology, sids);
  return result.kind === "encoded"
    ? { result, list: names(result.list.segments), probe: names(result.list.probeSegments) }
    : { result, list: [], probe: [] };
}

/** Every list of that many SIDs; the sender's own SID leads nowhere. */
function* listsOf(network: RandomNetwork, length: number): Generator<string[]> {
  const adjacencies = network.links.flatMap(({ a, b, name }) =>
    [a, b].flatMap((n) => (n.startsWith("r") ? [`${n}>${name}`] : [])),
  );
  const sids = [...network.routers, "h2", ...adjacencies];
  if (length === 0) yield [];
  else for (const rest of listsOf(network, length - 1)) for (const sid of sids) yield [...rest, sid];
}

function someListTakes({ igp, walk }: WalkCase, length: number): boolean {
  const destination = walk.at(-1)?.to ?? "";
  for (const list of listsOf(igp.network, length)) if (igp.takesExactly(list, destination, walk)) return true;
  return false;
}

test("every branch of the IGP follows the list along the path, and the probe loop home over the same links", () => {
  check(2_500, 4, walkCases(6, 9, 9), ({ igp, walk }) => {
    const { result, list, probe } = encoded(igp.network, walk);
    fc.pre(result.kind === "encoded");
    expect(list.length).toBeGreaterThan(0);
    expect(igp.takesExactly(list, walk.at(-1)?.to ?? "", walk)).toBe(true);
    expect(igp.takesExactly(probe, "h1", [...walk, ...wayBack(igp, walk)])).toBe(true);
  });
});

test("the other way back comes home too, and no way shares fewer links with the path", () => {
  check(800, 5, walkCases(5, 8, 6), ({ igp, walk }) => {
    const { result } = encoded(igp.network, walk);
    fc.pre(result.kind === "encoded");
    const { alternateReturn, list } = result;
    const names = new Set(walk.map(({ link }) => link.name));
    const sharedBy = (links: readonly string[]) => links.filter((link) => names.has(link)).length;
    const fewest = Math.min(...[...waysHome(igp, walk)].map((way) => sharedBy(way.map(({ link }) => link.name))));
    fc.pre(alternateReturn !== undefined);
    expect(sharedBy(alternateReturn.links)).toBe(fewest);
    const loop = sidNames(topologyFor(igp.network), list.alternateProbeSegments);
    expect(igp.takesExactly(loop, "h1", [...walk, ...hopsOf(igp, alternateReturn)])).toBe(true);
  });
});

test("where each router has a row of next hops the lists are the same", () => {
  check(1_000, 3, walkCases(6, 9, 9), ({ igp, walk }) => {
    const snapshots = [1, 2].map((version) => createSnapshot(topologyFor(igp.network), version));
    const { flat } = snapshots[1] as TopologySnapshot;
    igpRows(flat).make(PLAIN_KIND, [...flat.nodeNames.keys()]);
    const nodes = [walk[0]?.from ?? "", ...walk.map(({ to }) => to)];
    const path = { nodes, links: walk.map(({ link }) => link.name) };
    for (const pin of ["loose", "strict"] as const) {
      const [searched, told] = snapshots.map((snapshot) => encode(path, snapshot, { pin }));
      expect(told).toEqual(searched);
    }
  });
});

test("no shorter list takes the path", () => {
  check(400, 4, walkCases(4, 6, 6), (sample) => {
    const { result, list } = encoded(sample.igp.network, sample.walk);
    fc.pre(result.kind === "encoded" && list.length > 1 && list.length <= 3);
    for (let length = 1; length < list.length; length++) expect(someListTakes(sample, length)).toBe(false);
  });
});

test("where a path is called not encodable, no first segment makes the host take its first link alone", () => {
  check(400, 3, walkCases(4, 6, 5), ({ igp, walk }) => {
    const { result } = encoded(igp.network, walk);
    fc.pre(result.kind === "not_encodable");
    const way = result.host === "h1" ? walk : wayBack(igp, walk);
    const [first] = way;
    const alone = (list: readonly string[]) => {
      const towards = list[0]?.split(">")[0] ?? "";
      const taken = igp.nextHops(first?.from ?? "", towards);
      return taken.length === 1 && taken[0]?.link.name === first?.link.name;
    };
    expect([...listsOf(igp.network, 1)].filter(alone)).toEqual([]);
  });
});

describe.each<SettledMode>(["encap", "usid"])("%s", (mode) => {
  test("bit by bit, the header follows the path to the far host's end, and the probe loop comes home", () => {
    check(800, 5, walkCases(6, 9, 9), ({ igp, walk }) => {
      fc.pre(walk.at(-1)?.to === "h2");
      const topology = topologyFor(igp.network);
      const result = encodeWalk(topology, walk, { mode });
      fc.pre(result.kind === "encoded");
      const { segments, probeSegments, alternateProbeSegments } = result.list;
      const model = new HeaderModel(topology, igp);
      expect(model.endOf(segments, undefined, walk)).toBe("h2, decapsulated");
      expect(model.endOf(probeSegments, "h1", [...walk, ...wayBack(igp, walk)])).toBe("h1");
      const others = result.alternateReturn === undefined ? [] : [hopsOf(igp, result.alternateReturn)];
      for (const way of others) expect(model.endOf(alternateProbeSegments, "h1", [...walk, ...way])).toBe("h1");
    });
  });
});

test("packing takes no more segments than plain SIDs, and an inserted list ends where the packet goes", () => {
  check(400, 5, walkCases(6, 9, 9), ({ igp, walk }) => {
    fc.pre(walk.at(-1)?.to === "h2");
    const topology = topologyFor(igp.network);
    const [insert, encap, usid] = (["insert", "encap", "usid"] as const).map((mode) =>
      encodeWalk(topology, walk, { mode }),
    );
    fc.pre(insert?.kind === "encoded" && encap?.kind === "encoded" && usid?.kind === "encoded");
    // The fewest SIDs are not always those that pack best: `bindings.test.ts` tries all.
    expect(usid.list.segments.length).toBeLessThanOrEqual(fewestCarriers(encap.list.segments));
    expect(new HeaderModel(topology, igp).endOf(insert.list.segments, "h2", walk)).toBe("h2");
  });
});

/** By trying every place to cut: a node takes one of six positions, anything else two. */
function fewestCarriers(sids: readonly string[]): number {
  const sizes = sids.map((sid) => (sid.split(":").filter((part) => part !== "").length > 3 ? 2 : 1));
  const best = (from: number): number => {
    if (from === sizes.length) return 0;
    let fewest = Number.POSITIVE_INFINITY;
    let used = 0;
    for (let to = from; to < sizes.length; to++) {
      used += sizes[to] ?? 0;
      if (used > 6) break;
      fewest = Math.min(fewest, 1 + best(to + 1));
    }
    return fewest;
  };
  return best(0);
}
