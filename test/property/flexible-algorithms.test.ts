import fc from "fast-check";
import { compute } from "../../packages/controller/src/pipeline/compute";
import type { Pin } from "../../packages/model/src";
import type { SettledMode } from "../../packages/controller/src/pipeline/mode";
import { createSnapshot } from "../../packages/controller/src/topology/snapshot";
import { sidNames } from "../support/network";
import { bestWalk, type Hop } from "./brute-force";
import { encodeWalk, hopsOf, walkOf, wayBack } from "./encode-cases";
import { check } from "./fuzz";
import { HeaderModel } from "./header-model";
import { IgpModel } from "./igp-model";
import { linksWithin, withAlgorithms } from "./random-algorithms";
import { type RandomNetwork, randomNetwork, topologyFor } from "./random-network";
import { intentFor, legsOf, networkAndQuestion } from "./random-question";

interface Case {
  readonly igp: IgpModel;
  readonly walk: readonly Hop[];
  /** Algorithm that the list must keep to; then the walk is in its topology. */
  readonly algorithm: string | undefined;
  readonly pin: Pin;
}

/** Walks from h1, half of them within one algorithm's topology. */
function cases(maxRouters: number, maxLinks: number, maxHops: number): fc.Arbitrary<Case> {
  const choices = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: maxHops });
  const networks = randomNetwork(maxRouters, maxLinks).chain(withAlgorithms);
  const pins = fc.constantFrom<Pin>("loose", "loose", "strict");
  return fc.tuple(networks, choices, fc.nat({ max: 5 }), pins).map(([network, numbers, number, pin]) => {
    const igp = new IgpModel(network);
    const [algorithm] = network.algorithms?.slice(number, number + 1) ?? [];
    if (algorithm === undefined) return { igp, walk: walkOf(igp, numbers), algorithm: undefined, pin };
    const within = { ...network, links: linksWithin(network, algorithm) };
    const names = walkOf(new IgpModel({ ...within, algorithms: [] }), numbers);
    const walk = names.map((hop) =>
      igp.hops.find(({ from, link }) => from === hop.from && link.name === hop.link.name),
    );
    return { igp, walk: walk as Hop[], algorithm: algorithm.name, pin };
  });
}

/** What the encoder makes of a walk, as names. */
function encoded({ igp: { network }, walk, algorithm, pin }: Case) {
  const topology = topologyFor(network);
  const result = encodeWalk(topology, walk, { algorithm, pin });
  return result.kind === "encoded"
    ? {
        result,
        topology,
        list: sidNames(topology, result.list.segments),
        probe: sidNames(topology, result.list.probeSegments),
      }
    : undefined;
}

test("every branch follows the list along the path, and the probe loops home", () => {
  check(2_000, 4, cases(6, 9, 9), (sample) => {
    const { igp, walk } = sample;
    fc.pre(walk.length > 0);
    const found = encoded(sample);
    fc.pre(found !== undefined);
    const { list, probe, result, topology } = found;
    expect(igp.takesExactly(list, walk.at(-1)?.to ?? "", walk)).toBe(true);
    expect(igp.takesExactly(probe, "h1", [...walk, ...wayBack(igp, walk)])).toBe(true);
    const others = result.alternateReturn === undefined ? [] : [hopsOf(igp, result.alternateReturn)];
    const loop = sidNames(topology, result.list.alternateProbeSegments);
    for (const way of others) expect(igp.takesExactly(loop, "h1", [...walk, ...way])).toBe(true);
  });
});

/** Where the list of an intent with an algorithm must have brought the packet: what is left then is the link to a host. */
function lastOwn(walk: readonly Hop[]): number {
  return walk.length - (walk.at(-1)?.to.startsWith("h") === true ? 1 : 0);
}

test("with an algorithm, the list has SIDs of that algorithm alone, up to the last link", () => {
  check(1_000, 3, cases(6, 9, 9), (sample) => {
    const { igp, walk, algorithm } = sample;
    fc.pre(algorithm !== undefined && walk.length > 0);
    const found = encoded(sample);
    fc.pre(found !== undefined);
    expect(found.list.filter((name) => !name.startsWith(`${algorithm}:`))).toEqual([]);
    expect(igp.positionAfter(found.list, walk)).toBeGreaterThanOrEqual(lastOwn(walk));
  });
});

/** Every list of that many SIDs; of one algorithm alone where it is given. */
function* listsOf(network: RandomNetwork, length: number, algorithm: string | undefined): Generator<string[]> {
  const adjacencies = network.links.flatMap(({ a, b, name }) =>
    [a, b].flatMap((n) => (n.startsWith("r") ? [`${n}>${name}`] : [])),
  );
  const own = [...network.routers, ...adjacencies];
  const prefixes = (network.algorithms ?? []).map(({ name }) => `${name}:`);
  const flexible = algorithm === undefined ? ["", ...prefixes] : [`${algorithm}:`];
  const sids = flexible.flatMap((prefix) => own.map((sid) => `${prefix}${sid}`));
  if (length === 0) yield [];
  else for (const rest of listsOf(network, length - 1, algorithm)) for (const sid of sids) yield [...rest, sid];
}

function someListTakes({ igp, walk, algorithm }: Case, length: number): boolean {
  for (const list of listsOf(igp.network, length, algorithm)) {
    if (!igp.takesExactly(list, walk.at(-1)?.to ?? "", walk)) continue;
    if (algorithm === undefined || (igp.positionAfter(list, walk) ?? 0) >= lastOwn(walk)) return true;
  }
  return false;
}

test("no shorter list takes the path", () => {
  check(250, 4, cases(4, 5, 5), (sample) => {
    fc.pre(sample.walk.length > 0 && sample.pin === "loose" && (sample.igp.network.algorithms?.length ?? 0) < 3);
    const found = encoded(sample);
    fc.pre(found !== undefined && found.list.length > 1 && found.list.length <= 3);
    for (let length = 1; length < found.list.length; length++) expect(someListTakes(sample, length)).toBe(false);
  });
});

test("where a path is called not encodable, no short list takes it", () => {
  check(250, 3, cases(4, 5, 4), (sample) => {
    const { igp, walk, algorithm, pin } = sample;
    fc.pre(walk.length > 0 && pin === "loose");
    const result = encodeWalk(topologyFor(igp.network), walk, { algorithm });
    fc.pre(result.kind === "not_encodable" && result.host === "h1");
    expect([1, 2].some((length) => someListTakes(sample, length))).toBe(false);
  });
});

describe.each<SettledMode>(["encap", "usid"])("%s", (mode) => {
  test("bit by bit, the header follows the path to the far host's end, and the probe loop comes home", () => {
    check(800, 3, cases(6, 9, 9), ({ igp, walk, algorithm, pin }) => {
      fc.pre(walk.at(-1)?.to === "h2");
      const topology = topologyFor(igp.network);
      const result = encodeWalk(topology, walk, { mode, algorithm, pin });
      fc.pre(result.kind === "encoded");
      const { segments, probeSegments } = result.list;
      const model = new HeaderModel(topology, igp);
      expect(model.endOf(segments, undefined, walk)).toBe("h2, decapsulated");
      expect(model.endOf(probeSegments, "h1", [...walk, ...wayBack(igp, walk)])).toBe("h1");
    });
  });

  test("SIDs of algorithms make no header longer", () => {
    check(400, 2, cases(6, 9, 9), ({ igp: { network }, walk }) => {
      fc.pre(walk.at(-1)?.to === "h2");
      const plain = encodeWalk(topologyFor({ ...network, algorithms: [] }), walk, { mode });
      const all = encodeWalk(topologyFor(network), walk, { mode });
      fc.pre(plain.kind === "encoded");
      expect(all.kind === "encoded" && all.list.segments.length).toBeLessThanOrEqual(plain.list.segments.length);
    });
  });
});

test("a path within an algorithm is the best of its topology by the intent's own objective", () => {
  const asked = networkAndQuestion(5, 8).chain(([network, question]) =>
    fc.tuple(withAlgorithms(network), fc.constant(question)),
  );
  check(1_000, 3, asked, ([network, question]) => {
    const [algorithm] = network.algorithms ?? [];
    if (algorithm === undefined || legsOf(question) > 3) return;
    const expected = bestWalk({ ...network, links: linksWithin(network, algorithm) }, question);
    const intent = intentFor(question);
    const within = { ...intent, constraints: { ...intent.constraints, algorithm: algorithm.name } };
    const [policy] = compute(within, createSnapshot(topologyFor(network), 1)).policies;
    expect(policy?.candidates[0]?.links).toEqual(expected?.map(({ link }) => link.name));
    const without = bestWalk(network, question);
    const gives = (policy?.noPath?.relaxations ?? []).some(({ drop }) => drop.join() === "algorithm");
    expect(gives).toBe(expected === undefined && without !== undefined);
  });
});
