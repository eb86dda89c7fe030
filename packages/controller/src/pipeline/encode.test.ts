import { unpackCarrier } from "@sextant/model";
import { network, sidNames } from "../../../../test/support/network";
import { PathInGraph } from "../compute/path-edges";
import { createSnapshot } from "../topology/snapshot";
import { encode } from "./encode";

/*
 *          b                 all IGP 10 but a-c 5: a reaches d by c alone,
 *        /   \               d reaches a by c alone
 *  h1 ─ a     d ─ h2
 *        \   /
 *          c
 */
const DIAMOND = "h1: a\nh2: d\na-b igp=10\nb-d igp=10\na-c igp=5\nc-d igp=10\n";
/* The same with equal metrics: two equal ways. */
const ECMP = "h1: a\nh2: d\na-b igp=10\nb-d igp=10\na-c igp=10\nc-d igp=10\n";
/*  h1 ─ a ═ b ═ c ─ h2 with parallel links  */
const PARALLEL = "h1: a\nh2: c\na-b name=p1\na-b name=p2\nb-c name=q1\nb-c name=q2\n";
/*  h1 at a and b, h2 at c; a-b-c in a row  */
const DUAL = "h1: a b\nh2: c\na-c\nb-c\n";
/*  a-b-c-d-e the long way, a-z-e the short one; from a, c is as far as the long way is the shorter  */
const RING = "h1: a\nh2: e\na-b igp=10\nb-c igp=10\nc-d igp=10\nd-e igp=10\na-z igp=1\nz-e igp=1\n";

/*  The diamond twice in a row: h1 ─ a ─ (b | c) ─ d ─ (e | f) ─ g ─ h2, short through c and f  */
const TWO_DIAMONDS = `
h1: a
h2: g
a-b igp=10
b-d igp=10
a-c igp=5
c-d igp=10
d-e igp=10
e-g igp=10
d-f igp=5
f-g igp=10
`;

test.each<[string, string, string, string[], string[]]>([
  ["plain routing: the last router's End SID", DIAMOND, "h1 a c d h2", ["d"], ["d", "h2", "a"]],
  ["one node off the shortest way", DIAMOND, "h1 a b d h2", ["b"], ["b", "h2", "b"]],
  ["one of two equal ways", ECMP, "h1 a c d h2", ["c"], ["c", "h2", "c"]],
  ["both hosts behind one router", "h1: a\nh2: a\n", "h1 a h2", ["a"], ["a", "h2", "a"]],
  ["two equal uplinks: the router next to the host decides", DUAL, "h1 b c h2", ["b"], ["b", "h2", "b"]],
  ["back over an access link that the IGP would use as well", DUAL, "h1 a c h2", ["a"], ["a", "h2", "a"]],
  ["halfway round a ring the IGP still follows", RING, "h1 a b c d e h2", ["c"], ["c", "h2", "c"]],
  ["a detour at each of two diamonds", TWO_DIAMONDS, "h1 a b d e g h2", ["b", "e"], ["b", "e", "h2", "e", "b"]],
  ["to a router, for a prefix behind it", DIAMOND, "h1 a b", ["b"], ["b", "a"]],
  ["to the router next door", DIAMOND, "h1 a", ["a"], ["a"]],
  ["there and back again", DIAMOND, "h1 a b a c d h2", ["b>a-b"], ["b>a-b", "h2", "a>a-b"]],
])("%s", (_name, text, walk, segments, probe) => {
  const topology = network(text);
  const result = encode(along(walk, topology), createSnapshot(topology, 1));
  const list = result.kind === "encoded" ? result.list : undefined;
  expect(sidNames(topology, list?.segments ?? [])).toEqual(segments);
  expect(sidNames(topology, list?.probeSegments ?? [])).toEqual(probe);
});

test.each<[string, string, string, string[], string[]]>([
  ["round the other side of the diamond", DIAMOND, "h1 a c d h2", ["d", "h2", "b"], ["h2 d b a h1"]],
  ["from the slower side by the faster", DIAMOND, "h1 a b d h2", ["b", "h2", "a"], ["h2 d c a h1"]],
  ["by the other uplink, named by its router", DUAL, "h1 a c h2", ["a", "h2", "b"], ["h2 c b h1"]],
  [
    "off the path wherever there is another way",
    `${DIAMOND}h3: e\nd-e`,
    "h1 a c d e h3",
    ["e", "h3", "b"],
    ["h3 e d b a h1"],
  ],
  ["the better of two others", `${DIAMOND}a-x igp=10\nx-d igp=9\n`, "h1 a c d h2", ["d", "h2", "x"], ["h2 d x a h1"]],
  ["none where both hosts are behind one router", "h1: a\nh2: a\n", "h1 a h2", [], []],
  ["none in a chain", "h1: a\nh2: b\na-b", "h1 a b h2", [], []],
  ["for a prefix, from its router", DIAMOND, "h1 a b", ["b", "d"], ["b d c a h1"]],
])("another way back: %s", (_name, text, walk, probe, way) => {
  const topology = network(text);
  const snapshot = createSnapshot(topology, 1);
  const result = encode(along(walk, topology), snapshot);
  const encoded = result.kind === "encoded" ? result : undefined;
  expect(sidNames(topology, encoded?.list.alternateProbeSegments ?? [])).toEqual(probe);
  const [, ...others] = encoded?.loops.backs ?? [];
  expect(others.map((back) => new PathInGraph(snapshot.flat, back).nodes.join(" "))).toEqual(way);
});

test("a host that knows one way back only gets one", () => {
  const topology = network(DIAMOND);
  const result = encode(along("h1 a c d h2", topology), createSnapshot(topology, 1), { returns: "one" });
  const one = [expect.any(Array) as readonly number[]];
  expect(result).toMatchObject({ list: { alternateProbeSegments: [] }, loops: { backs: one } });
});

/** The path through the nodes, over the first link that joins each two. */
function along(walk: string, topology: ReturnType<typeof network>) {
  const nodes = walk.split(" ");
  const links = nodes.slice(1).map((to, i) => {
    const ends = [nodes[i], to];
    return topology.links.find(({ a, b }) => ends.includes(a) && ends.includes(b))?.name ?? "";
  });
  return { nodes, links };
}

test("parallel links take an adjacency each, which stands for its router too", () => {
  const topology = network(PARALLEL);
  const path = { nodes: ["h1", "a", "b", "c", "h2"], links: ["h1-a", "p2", "q1", "h2-c"] };
  const result = encode(path, createSnapshot(topology, 1));
  const list = result.kind === "encoded" ? result.list : undefined;
  expect(sidNames(topology, list?.segments ?? [])).toEqual(["a>p2", "b>q1"]);
  expect(sidNames(topology, list?.probeSegments ?? [])).toEqual(["a>p2", "b>q1", "h2", "c>q1", "b>p2"]);
});

test("the turn-round at a router gives way to the router's own adjacency", () => {
  const topology = network(PARALLEL);
  const path = { nodes: ["h1", "a", "b"], links: ["h1-a", "p2"] };
  const result = encode(path, createSnapshot(topology, 1));
  const list = result.kind === "encoded" ? result.list : undefined;
  expect(sidNames(topology, list?.segments ?? [])).toEqual(["a>p2"]);
  expect(sidNames(topology, list?.probeSegments ?? [])).toEqual(["a>p2", "b>p2"]);
});

test("parallel access links of equal metric cannot be told apart by the host", () => {
  const topology = network("h1: a(name=left) a(name=right)\nh2: a\n");
  const result = encode({ nodes: ["h1", "a", "h2"], links: ["left", "h2-a"] }, createSnapshot(topology, 1));
  expect(result).toMatchObject({ kind: "not_encodable", host: "h1", link: "left" });
});

test("the same at the far host breaks the way back", () => {
  const topology = network("h1: a\nh2: a(name=left) a(name=right)\n");
  const result = encode({ nodes: ["h1", "a", "h2"], links: ["h1-a", "right"] }, createSnapshot(topology, 1));
  expect(result).toMatchObject({ kind: "not_encodable", host: "h2", link: "right" });
});

/** A chain of routers r10, r11, ... with two parallel links between each two: one segment per hop. */
function chain(hops: number): { text: string; path: { nodes: string[]; links: string[] } } {
  const routers = Array.from({ length: hops + 1 }, (_, i) => `r${i + 10}`);
  const pairs = routers.slice(1).map((to, i) => `${routers[i] ?? ""}-${to}`);
  const text = pairs.map((ends, i) => `${ends} name=x${i}\n${ends} name=y${i}`).join("\n");
  return {
    text: `h1: r10\nh2: ${routers.at(-1) ?? ""}\n${text}`,
    path: {
      nodes: ["h1", ...routers, "h2"],
      links: ["h1-r10", ...pairs.map((_, i) => `y${i}`), `h2-${routers.at(-1) ?? ""}`],
    },
  };
}

test("longer than the host's limit is a value with both numbers", () => {
  const { text, path } = chain(11);
  const result = encode(path, createSnapshot(network(text), 1));
  expect(result).toMatchObject({ kind: "too_many_segments", of: "list", segments: 11, limit: 10 });
});

/** The chain with a binding SID over the second links from the second router on. */
function boundChain(hops: number, bound: number) {
  const { text, path } = chain(hops);
  const binding = { name: "middle", node: "r11", function: 0xe100, path: path.links.slice(2, 2 + bound) };
  return { path, topology: network(text, { bindings: [binding] }) };
}

test("a binding SID stands for several links of a list that is too long otherwise", () => {
  const { path, topology } = boundChain(11, 4);
  const result = encode(path, createSnapshot(topology, 1));
  const names = result.kind === "encoded" ? sidNames(topology, result.list.segments) : [];
  expect(names).toEqual(["r10>y0", "r11=middle", "r15>y5", "r16>y6", "r17>y7", "r18>y8", "r19>y9", "r20>y10"]);
  expect(result).toMatchObject({ pin: "loose", bindings: ["middle"] });
});

test.each<[string, number, number, readonly string[], readonly string[]]>([
  ["without binding SIDs while it fits", 3, 2, ["r10>y0", "r11>y1", "r12>y2"], []],
  ["with them where it does not", 11, 9, ["r10>y0", "r11=middle", "r20>y10"], ["middle"]],
])("a strict list names every link, %s", (_name, hops, bound, names, bindings) => {
  const { path, topology } = boundChain(hops, bound);
  const result = encode(path, createSnapshot(topology, 1), { pin: "strict" });
  expect(result).toMatchObject({ kind: "encoded", pin: "strict", bindings });
  expect(result.kind === "encoded" ? sidNames(topology, result.list.segments) : []).toEqual(names);
});

test("a strict list that is too long even so tells what it would need when it were loose", () => {
  const routers = Array.from({ length: 13 }, (_, i) => `r${i + 10}`);
  const text = routers.slice(1).map((to, i) => `${routers[i] ?? ""}-${to}`);
  const topology = network(["h1: r10", "h2: r22", ...text].join("\n"));
  const path = { nodes: ["h1", ...routers, "h2"], links: ["h1-r10", ...text, "h2-r22"] };
  const result = encode(path, createSnapshot(topology, 1), { pin: "strict" });
  expect(result).toMatchObject({ kind: "too_many_segments", of: "list", segments: 12, limit: 10 });
  expect(result.kind === "too_many_segments" ? result.message : "").toMatch(/12 segments, 10 is the limit.*needs 1$/);
});

test.each<[string, string, string, string[], string[]]>([
  ["where the IGP would do", DIAMOND, "h1 a c d h2", ["a>a-c", "c>c-d"], ["a>a-c", "c>c-d", "h2", "d>c-d", "c>a-c"]],
  ["behind one router there is none", "h1: a\nh2: a\n", "h1 a h2", ["a"], ["a", "h2", "a"]],
  [
    "the last one too where the far host has others",
    DUAL,
    "h2 c a h1",
    ["c>a-c", "a>h1-a"],
    ["c>a-c", "a>h1-a", "h1", "a>a-c"],
  ],
])("pinned: %s", (_name, text, walk, segments, probe) => {
  const topology = network(text);
  const result = encode(along(walk, topology), createSnapshot(topology, 1), { pin: "strict" });
  const list = result.kind === "encoded" ? result.list : undefined;
  expect(sidNames(topology, list?.segments ?? [])).toEqual(segments);
  expect(sidNames(topology, list?.probeSegments ?? [])).toEqual(probe);
});

test("the fewest carriers are not made of the fewest SIDs: four nodes take less room than two adjacencies and a node", () => {
  // A row with short cuts over three links each: the IGP follows the row for two links at a time.
  const routers = Array.from({ length: 11 }, (_, i) => `r${i + 10}`);
  const row = routers.slice(1).map((to, i) => `${routers[i] ?? ""}-${to} igp=1`);
  const cuts = routers.slice(3).map((to, i) => `${routers[i] ?? ""}-${to} igp=2`);
  const topology = network(["h1: r10", "h2: r20", ...row, ...cuts].join("\n"));
  const path = along(["h1", ...routers, "h2"].join(" "), topology);
  const lists = (["encap", "usid"] as const).map((mode) => {
    const result = encode(path, createSnapshot(topology, 1), { mode });
    return result.kind === "encoded" ? result.list.segments : [];
  });
  const names = lists.map((list) =>
    list.map((each) => sidNames(topology, unpackCarrier(topology.locatorBlock, each) ?? []).join(" ")),
  );
  const end = `unknown ${topology.nodes.find(({ name }) => name === "h2")?.decapsulationSid ?? ""}`;
  expect(names[0]).toHaveLength(4);
  expect(names[1]).toEqual([`r12 r14 r16 r18 ${end}`]);
});

test("a path of another topology is a bug, not an answer", () => {
  const path = { nodes: ["h1", "x", "h2"], links: ["h1-x", "x-h2"] };
  const thrown = thrownBy(() => encode(path, createSnapshot(network(DIAMOND), 1)));
  expect(thrown).toMatchObject({ code: "internal" });
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
