import fc from "fast-check";
import type { SettledMode } from "../../packages/controller/src/pipeline/mode";
import { type BoundCase, boundCases, encodeWalk, hopsOf, reweighted, wayBack } from "./encode-cases";
import { CARRIERS, fewestSegments, ONE_EACH, ONE_EACH_TO_END, type Places } from "./fewest-segments";
import { check } from "./fuzz";
import { HeaderModel } from "./header-model";
import { IgpModel } from "./igp-model";

const MODES: readonly SettledMode[] = ["insert", "encap", "encap-full", "usid"];

/** Where the packet of a list ends: in an inserted one its own destination is behind the segments. */
function endOf(mode: SettledMode, walk: BoundCase["walk"]) {
  const destination = walk.at(-1)?.to ?? "";
  return mode === "insert"
    ? ([destination, destination] as const)
    : ([undefined, `${destination}, decapsulated`] as const);
}

function isSuited(mode: SettledMode, { walk }: BoundCase): boolean {
  return mode === "insert" || walk.at(-1)?.to === "h2";
}

describe.each(MODES)("%s", (mode) => {
  test.each(["loose", "strict"] as const)(
    "%s lists follow the path through bindings, and so do their probes",
    (pin) => {
      check(400, 2, boundCases(5, 8, 8), (sample) => {
        fc.pre(isSuited(mode, sample));
        const { igp, walk, topology, limit } = sample;
        const result = encodeWalk(topology, walk, { mode, pin });
        fc.pre(result.kind === "encoded");
        const { list, alternateReturn } = result;
        const model = new HeaderModel(topology, igp);
        const [destination, end] = endOf(mode, walk);
        expect(list.segments.length).toBeLessThanOrEqual(limit);
        expect(model.endOf(list.segments, destination, walk)).toBe(end);
        expect(model.endOf(list.probeSegments, "h1", [...walk, ...wayBack(igp, walk)])).toBe("h1");
        const others = alternateReturn === undefined ? [] : [hopsOf(igp, alternateReturn)];
        for (const way of others) expect(model.endOf(list.alternateProbeSegments, "h1", [...walk, ...way])).toBe("h1");
      });
    },
  );

  test("no list of fewer segments takes the path, and bindings make none longer", () => {
    const places: Places = mode === "usid" ? CARRIERS : mode === "insert" ? ONE_EACH : ONE_EACH_TO_END;
    check(400, 2, boundCases(4, 7, 8), (sample) => {
      fc.pre(isSuited(mode, sample));
      const { walk, topology } = sample;
      const result = encodeWalk(topology, walk, { mode });
      const without = encodeWalk({ ...topology, bindings: [] }, walk, { mode });
      fc.pre(result.kind !== "not_encodable");
      const fewest = Math.max(1, fewestSegments(sample, places) ?? Number.NaN);
      expect(lengthOf(result)).toBe(fewest);
      expect(lengthOf(result)).toBeLessThanOrEqual(lengthOf(without));
    });
  });

  test("a strict list takes the path whatever the metrics between routers are", () => {
    const metrics = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 24 });
    check(400, 2, fc.tuple(boundCases(5, 8, 8), metrics), ([sample, other]) => {
      fc.pre(isSuited(mode, sample));
      const { igp, walk, topology } = sample;
      const result = encodeWalk(topology, walk, { mode, pin: "strict" });
      const changed = new IgpModel(reweighted(igp.network, other));
      // A host's own routes choose its first link, in each algorithm: they are not pinned.
      const leaves = [changed, ...changed.algorithms.values()].flatMap((routing) => {
        const names = routing.nextHops("h1", walk[0]?.to ?? "").map(({ link }) => link.name);
        return names.length === 0 ? [] : names.join(" ");
      });
      fc.pre(result.kind === "encoded" && leaves.every((name) => name === walk[0]?.link.name));
      const [destination, end] = endOf(mode, walk);
      expect(new HeaderModel(topology, changed).endOf(result.list.segments, destination, walk)).toBe(end);
    });
  });
});

/** Segments of a list, or how many it would have needed. */
function lengthOf(result: ReturnType<typeof encodeWalk>): number {
  if (result.kind === "encoded") return result.list.segments.length;
  return result.kind === "too_many_segments" && result.of === "list" ? result.segments : Number.NaN;
}

test("a strict list names every link between routers, and takes bindings only where it is too long for its host", () => {
  check(400, 2, boundCases(5, 8, 8), ({ igp, walk, topology, limit }) => {
    const result = encodeWalk(topology, walk, { pin: "strict" });
    // A flexible algorithm may have to bring the packet over the host's first link, with a SID more.
    fc.pre(result.kind === "encoded" && igp.algorithms.size === 0);
    const between = walk.filter(({ from, to }) => from.startsWith("r") && to.startsWith("r")).length;
    // Named too where the far host has other links, or its router a neighbour that is no further from it.
    const { from: router = "", to: end = "" } = walk.at(-1) ?? {};
    const ways = igp.hops.filter(({ to }) => to === end).length + igp.nextHops(router, end).length;
    const last = end === "h2" && ways > 2 ? 1 : 0;
    const pinned = Math.max(1, between + last);
    expect(result.pin).toBe("strict");
    expect([result.list.segments.length, result.bindings.length > 0]).toEqual(
      pinned <= limit ? [pinned, false] : [expect.any(Number), true],
    );
  });
});
