import { intentOf } from "../../../../test/support/intent";
import { sidNames, topologyOf } from "../../../../test/support/network";
import { encode, type EncodeOptions } from "./encode";
import { planIntent } from "./plan";
import { desiredFor, domainOf } from "./push";
import { createSnapshot } from "../topology/snapshot";

/*
 *            north            igp 10 + 10, 9 ms + 9 ms, blue
 *           /      \
 *     h1 - west - middle - east - h2      20 + 20, 5 ms + 5 ms
 *           \      /
 *            south            30 + 30, 1 ms + 1 ms, leased; takes no part in `blue`
 */
const NODES = [
  ...["west", "north", "middle", "east"].map((name, i) => ({ name, nodeId: i + 1 })),
  { name: "south", nodeId: 9, algorithms: ["fast"] },
  ...["h1", "h2"].map((name, i) => ({
    ...{ name, kind: "host", nodeId: 0x8000 + i, addresses: [`2001:db8::${i + 1}`] },
    attachedTo: i === 0 ? "west" : "east",
  })),
];
const way = (via: string, igp: number, delayUs: number, affinity: string[]) => [
  { a: "west", b: via, igp, delayUs, affinity },
  { a: via, b: "east", igp, delayUs, affinity },
];
const LINKS = [
  ...way("north", 10, 9_000, ["blue"]),
  ...way("middle", 20, 5_000, []),
  ...way("south", 30, 1_000, ["leased"]),
];
const FAST = { name: "fast", id: 128, locatorBlock: "fcbb:cc00::/32", metric: "delay" };
const BLUE = { name: "blue", id: 129, locatorBlock: "fcbb:dd00::/32", includeAny: ["blue"] };

const topology = topologyOf(NODES, LINKS, { algorithms: [FAST, BLUE] });
const snapshot = createSnapshot(topology, 1);
const redefined = createSnapshot(topologyOf(NODES, LINKS, { algorithms: [{ ...FAST, exclude: ["leased"] }, BLUE] }), 2);

function listOf(walk: string, options: Partial<EncodeOptions> = {}, on = snapshot) {
  const nodes = walk.split(" ");
  const links = nodes.slice(1).map((to, i) => {
    const from = nodes[i] ?? "";
    return topology.links.find(({ a, b }) => (a === from && b === to) || (a === to && b === from))?.name ?? "";
  });
  const result = encode({ nodes, links }, on, { returns: "one", ...options });
  return result.kind === "encoded"
    ? { list: sidNames(topology, result.list.segments), probe: sidNames(topology, result.list.probeSegments) }
    : { list: [result.kind], probe: [] };
}

test.each<[string, string, Partial<EncodeOptions>, string[], string[]]>([
  ["plain SIDs where they are as few", "h1 west south east h2", {}, ["south"], ["south", "h2", "south"]],
  [
    "its own where asked",
    "h1 west south east h2",
    { algorithm: "fast" },
    ["fast:east"],
    ["fast:east", "h2", "fast:west"],
  ],
  [
    "an adjacency where its own way is another",
    "h1 west north east h2",
    { algorithm: "fast" },
    ["fast:north>north-east"],
    ["fast:north>north-east", "h2", "fast:north>west-north"],
  ],
  [
    "to a router: its own End SID turns the probe",
    "h1 west north",
    { algorithm: "blue" },
    ["blue:north"],
    ["blue:north", "blue:west"],
  ],
])("%s", (_, walk, options, list, probe) => {
  expect(listOf(walk, options)).toEqual({ list, probe });
});

/*  The two ways in a row, twice: plain routing needs a segment for each detour, `fast` one for both.  */
test("SIDs of an algorithm where that is fewer, though nobody asked", () => {
  const nodes = [
    ...["a", "b", "c", "d", "e"].map((name, i) => ({ name, nodeId: i + 1 })),
    { name: "h1", kind: "host", attachedTo: "a", addresses: ["2001:db8::1"] },
    { name: "h2", kind: "host", attachedTo: "e", addresses: ["2001:db8::2"] },
  ];
  const links = ["ab", "bc", "cd", "de"].flatMap(([a = "", b = ""]) => [
    { a, b, name: `${a}${b}-slow`, igp: 1, delayUs: 9 },
    { a, b, name: `${a}${b}-fast`, igp: 5, delayUs: 1 },
  ]);
  const path = {
    nodes: ["h1", "a", "b", "c", "d", "e", "h2"],
    links: ["h1-a", "ab-fast", "bc-fast", "cd-fast", "de-fast", "h2-e"],
  };
  const sids = (algorithms: object[]) => {
    const built = topologyOf(nodes, links, { algorithms });
    const result = encode(path, createSnapshot(built, 1));
    return result.kind === "encoded" ? sidNames(built, result.list.segments) : [];
  };
  expect(sids([])).toEqual(["a>ab-fast", "b>bc-fast", "c>cd-fast", "d>de-fast"]);
  expect(sids([FAST])).toEqual(["fast:e"]);
});

test("a carrier has SIDs of one block: the decapsulation SID follows in its own", () => {
  const usid = { mode: "usid", algorithm: "fast" } as const;
  const nodes = ["h1", "west", "south", "east", "h2"];
  const result = encode({ nodes, links: ["h1-west", "west-south", "south-east", "h2-east"] }, snapshot, usid);
  expect(result.kind === "encoded" && result.list.segments).toEqual(["fcbb:cc00:4::", "fcbb:bb00:8001:ff46::"]);
});

const onPort = { application: { protocol: "udp", ports: [7_000] }, to: { hosts: ["h2"] } };
const shows = intentOf({ ...onPort, priority: 200, constraints: { algorithm: "fast" } }, "shows");
const backups = intentOf({ ...onPort, constraints: { algorithm: "blue" } }, "backups");

function plansOn(at: typeof snapshot) {
  return [shows, backups].map((intent) => {
    const [policy] = planIntent(intent, at).policies;
    if (policy === undefined) throw new Error("no policy");
    return policy;
  });
}

test("two intents on the same port with different algorithms are two policies, each with its own list", () => {
  const policies = plansOn(snapshot).map(({ entries }) => entries);
  const host = topology.nodes.find(({ name }) => name === "h1");
  const desired = [...desiredFor(host, domainOf(topology), { policies }).values()];
  const lists = new Map(desired.flatMap(({ entry }) => (entry.kind === "list" ? [[entry.key, entry.segments]] : [])));
  const held = desired.flatMap(({ entry }) =>
    entry.kind === "policy"
      ? [
          [
            entry.key,
            entry.candidates.flatMap((each) => each.lists.map(({ list }) => sidNames(topology, lists.get(list) ?? []))),
          ],
        ]
      : [],
  );
  expect(held).toEqual([
    ["policy/shows/h2", [["fast:east"]]],
    ["policy/backups/h2", [["blue:east"]]],
  ]);
});

test("hosts accept headers from routers' locators of every algorithm", () => {
  expect(domainOf(topology).sources).toEqual([
    ...["2001:db8::1/128", "2001:db8::2/128", "fcbb:bb00::/32", "fcbb:cc00::/32", "fcbb:dd00::/32"],
  ]);
});

test("another definition of one algorithm moves its own intent, and changes nothing of the other's", () => {
  const nodes = (at: typeof snapshot) => plansOn(at).map(({ computed }) => computed.candidates[0]?.nodes.join(" "));
  expect(nodes(snapshot)).toEqual(["h1 west south east h2", "h1 west north east h2"]);
  expect(nodes(redefined)).toEqual(["h1 west middle east h2", "h1 west north east h2"]);
  const [, before] = plansOn(snapshot);
  const [, after] = plansOn(redefined);
  expect(after?.entries).toEqual(before?.entries);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "a bound that only other links keep",
    { algorithm: "blue", maxDelayMs: 10 },
    "maxDelayMs 10 is out of reach: the best is 18 ms; without algorithm blue: 2 ms, 4 hops",
  ],
  [
    "a node outside",
    { algorithm: "blue", include: { nodes: ["south"] } },
    "without algorithm blue: 2 ms, 4 hops; without include",
  ],
])("no path in an algorithm: %s", (_, constraints, message) => {
  const [policy] = planIntent(intentOf({ constraints }), snapshot).policies;
  expect(policy?.computed.noPath?.message).toContain(message);
});

test("an end that takes no part is named", () => {
  const nodes = NODES.map((node) => (node.name === "h2" ? { ...node, algorithms: ["blue"] } : node));
  const at = createSnapshot(topologyOf(nodes, LINKS, { algorithms: [FAST, BLUE] }), 1);
  const [policy] = planIntent(shows, at).policies;
  expect(policy?.computed.noPath?.reason).toBe("Algorithm");
  expect(policy?.computed.noPath?.message).toContain("h2 takes no part in algorithm fast; ");
});
