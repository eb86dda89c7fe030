import { threadId } from "node:worker_threads";
import type { Intent } from "@sextant/model";
import { igpRows, PLAIN_KIND } from "../compute/igp-rows";
import { compute } from "../pipeline/compute";
import { type LackingFeatures, lackingOf, NOTHING_LACKING } from "../pipeline/features";
import { planIntent } from "../pipeline/plan";
import { createSnapshot, type TopologySnapshot, withUnusable } from "../topology/snapshot";
import { generatedNetwork } from "../../../../test/bench/generated-network";
import { intentOf } from "../../../../test/support/intent";
import { type PackedPlans, unpackPlan } from "./packed-plans";
import { PathPool } from "./path-pool";

const HOSTS = 20;
const snapshot = createSnapshot(generatedNetwork(200, HOSTS), 1);
const intents = Array.from({ length: 40 }, (_, i) =>
  intentOf(
    {
      from: { hosts: [`h${i % HOSTS}`] },
      to: { hosts: [`h${(i + 1 + (i % 7)) % HOSTS}`, "nobody"] },
      objective: { minimize: ["delay", "igp", "te", "hops"][i % 4] },
      protection: { backups: 1, disjoint: "node" },
      bidirectional: i % 5 === 0,
    },
    `intent-${i}`,
  ),
);

let pool: PathPool;
let lost: unknown[];
beforeEach(() => {
  lost = [];
  pool = new PathPool({ threads: 1, onLost: (reason) => lost.push(reason) });
});
afterEach(() => pool.close());

const search = (used: PathPool, network: TopologySnapshot, asked: readonly Intent[]) =>
  used.plans(network, asked, NOTHING_LACKING);

function unpacked(packed: PackedPlans, network: TopologySnapshot, asked: readonly Intent[], lacking = NOTHING_LACKING) {
  return asked.map((intent, i) => unpackPlan(packed, i, intent, network, lacking));
}

test("plans of what a thread has searched are those made here", async () => {
  const here = createSnapshot(snapshot.topology, 1);
  const packed = await search(pool, here, intents);
  expect(unpacked(packed, here, intents)).toEqual(intents.map((intent) => planIntent(intent, snapshot)));
});

test("what was searched for one intent is no plan of another", async () => {
  const packed = await search(pool, snapshot, intents);
  const [first = intentOf()] = intents;
  const other = { ...first, to: { ...first.to, hosts: ["h5", "h6", "h7"] } };
  expect(() => unpackPlan(packed, 0, other, snapshot, NOTHING_LACKING)).toThrow(RangeError);
});

test("a thread heeds what hosts cannot do", async () => {
  const lacking: LackingFeatures = new Map([
    ["h1", lackingOf(["encap"])],
    ["h2", lackingOf(["insert", "encap"])],
  ]);
  const packed = await pool.plans(snapshot, intents, lacking);
  const expected = intents.map((intent) => planIntent(intent, snapshot, lacking));
  expect(unpacked(packed, snapshot, intents, lacking)).toEqual(expected);
});

test("a thread keeps off what health says not to use", async () => {
  const [intent = intentOf()] = intents;
  const [first] = compute(intent, snapshot).policies[0]?.candidates ?? [];
  const link = first?.links[1] ?? "";
  const broken = withUnusable(snapshot, 2, [{ link, from: first?.nodes[1] ?? "" }]);
  for (const network of [snapshot, broken, snapshot]) {
    const packed = await search(pool, network, [intent]);
    expect(unpacked(packed, network, [intent])).toEqual([planIntent(intent, network)]);
  }
});

test("rows that a thread makes are there for everybody", async () => {
  const here = createSnapshot(snapshot.topology, 1);
  const routers = [...here.flat.isHost.keys()].filter((node) => here.flat.isHost[node] === 0);
  await pool.rows(here, routers);
  const alone = igpRows(createSnapshot(snapshot.topology, 1).flat);
  for (const node of routers) {
    alone.make(PLAIN_KIND, [node]);
    for (const edge of here.flat.edgeFrom.keys())
      expect(igpRows(here.flat).isSole(PLAIN_KIND, node, edge)).toBe(alone.isSole(PLAIN_KIND, node, edge));
  }
});

test("rows stay when threads die, and the next ones have them", async () => {
  const here = createSnapshot(snapshot.topology, 1);
  const routers = [...here.flat.isHost.keys()].filter((node) => here.flat.isHost[node] === 0);
  await pool.rows(here, routers.slice(0, 50));
  await pool.threads[0]?.terminate();
  await pool.rows(here, routers.slice(50));
  for (const node of routers) expect(igpRows(here.flat).has(PLAIN_KIND, node)).toBe(true);
});

test("threads that begin before there is a snapshot serve that of their topology", async () => {
  const { topology } = snapshot;
  pool.begin(topology);
  const begun = pool.threads.map((thread) => thread.threadId);
  expect(begun).toHaveLength(1);
  pool.begin(generatedNetwork(100, HOSTS));
  const here = createSnapshot(topology, 1);
  await pool.rows(here, [here.flat.nodeIndex.get("r1") ?? -1]);
  expect(igpRows(here.flat).has(PLAIN_KIND, here.flat.nodeIndex.get("r1") ?? -1)).toBe(true);
  expect(pool.isWarmFor(here)).toBe(true);
  pool.begin(topology);
  expect(pool.threads.map((thread) => thread.threadId)).toEqual(begun);
  expect(lost).toEqual([]);
});

test("where a stage throws there is no plan, and the others have theirs", async () => {
  const broken = { ...intentOf(), objective: undefined } as unknown as Intent;
  const some = [...intents.slice(0, 2), broken, ...intents.slice(2, 4)];
  const plans = unpacked(await search(pool, snapshot, some), snapshot, some);
  expect(plans.map((plan) => plan === undefined)).toEqual([false, false, true, false, false]);
});

test.each([
  ["while it starts", false],
  ["while it works", true],
])("batches whose thread is killed %s fail, and the next has another thread", async (_, isReady) => {
  await (isReady ? search(pool, snapshot, intents) : undefined);
  const underWay = [search(pool, snapshot, intents), search(pool, snapshot, intents)];
  const outcomes = Promise.allSettled(underWay);
  const [thread] = pool.threads;
  const { threadId: killed = threadId } = thread ?? {};
  await thread?.terminate();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(lost.length).toBeGreaterThan(0);
  expect((await search(pool, snapshot, intents)).starts).toHaveLength(intents.length);
  expect(pool.threads.map((each) => each.threadId)).not.toContain(killed);
});

test("a batch that takes too long is given up", async () => {
  const hasty = new PathPool({ threads: 1, batchTimeoutMs: 1, onLost: (reason) => lost.push(reason) });
  await expect(search(hasty, snapshot, intents)).rejects.toThrow();
  expect(hasty.hasRoom).toBe(true);
  expect(lost).toEqual([expect.any(Error)]);
  await hasty.close();
});

test("two batches per thread are under way at most", async () => {
  const underWay = [search(pool, snapshot, intents), search(pool, snapshot, intents)];
  expect(pool.hasRoom).toBe(false);
  await expect(search(pool, snapshot, intents)).rejects.toThrow(RangeError);
  await Promise.all(underWay);
  expect(pool.hasRoom).toBe(true);
});

test("threads stay until another network comes, or the pool is closed", async () => {
  const first = await threadOf(snapshot);
  expect(await threadOf(snapshot)).toBe(first);
  expect(pool.isWarmFor(snapshot)).toBe(true);
  const other = createSnapshot(generatedNetwork(100, HOSTS), 2);
  expect(pool.isWarmFor(other)).toBe(false);
  expect(await threadOf(other)).not.toBe(first);
  expect(pool.isWarmFor(snapshot)).toBe(false);
  await pool.close();
  expect(pool.threads).toHaveLength(0);
  expect(pool.hasRoom).toBe(false);
  expect(lost).toEqual([]);
});

/** The number of the thread that is there after some work. */
async function threadOf(network: TopologySnapshot): Promise<number | undefined> {
  await search(pool, network, intents.slice(0, 2));
  expect(pool.threads).toHaveLength(1);
  return pool.threads[0]?.threadId;
}
