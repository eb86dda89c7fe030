import { threadId } from "node:worker_threads";
import { compute } from "../pipeline/compute";
import { planComputed, planIntent } from "../pipeline/plan";
import { createSnapshot, withUnusable } from "../topology/snapshot";
import { generatedNetwork } from "../../../../test/bench/generated-network";
import { eventually } from "../../../../test/support/eventually";
import { intentOf } from "../../../../test/support/intent";
import { unpackIntent } from "./packed-paths";
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
beforeEach(() => {
  pool = new PathPool({ threads: 1 });
});
afterEach(() => pool.close());

test("a thread computes what this one does", async () => {
  const packed = await pool.compute(snapshot, intents);
  const unpacked = intents.map((intent, i) => unpackIntent(packed[i] ?? [], intent, snapshot));
  expect(unpacked).toEqual(intents.map((intent) => compute(intent, snapshot)));
});

test("plans of what a thread computed, with the ways back that it found, are those made here", async () => {
  const packed = await pool.compute(snapshot, intents);
  const here = createSnapshot(snapshot.topology, 1);
  const plans = intents.map((intent, i) => planComputed(intent, unpackIntent(packed[i] ?? [], intent, here), here));
  expect(plans).toEqual(intents.map((intent) => planIntent(intent, snapshot)));
});

test("a thread keeps off what health says not to use", async () => {
  const [intent = intentOf()] = intents;
  const [first] = compute(intent, snapshot).policies[0]?.candidates ?? [];
  const link = first?.links[1] ?? "";
  const broken = withUnusable(snapshot, 2, [{ link, from: first?.nodes[1] ?? "" }]);
  for (const network of [snapshot, broken, snapshot]) {
    const [packed] = await pool.compute(network, [intent]);
    expect(unpackIntent(packed ?? [], intent, network)).toEqual(compute(intent, network));
  }
});

test("where stage compute throws there is no answer, and the others have theirs", async () => {
  const broken = { ...intentOf(), objective: undefined } as unknown as (typeof intents)[number];
  const packed = await pool.compute(snapshot, [...intents.slice(0, 2), broken]);
  expect(packed.map((each) => each === undefined)).toEqual([false, false, true]);
});

test.each([
  ["while it starts", false],
  ["while it works", true],
])("batches whose thread is killed %s fail, and the next has another thread", async (_, isReady) => {
  await (isReady ? pool.compute(snapshot, intents) : undefined);
  const underWay = [pool.compute(snapshot, intents), pool.compute(snapshot, intents)];
  const outcomes = Promise.allSettled(underWay);
  const [thread] = pool.threads;
  const { threadId: killed = threadId } = thread ?? {};
  await thread?.terminate();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await pool.compute(snapshot, intents)).toHaveLength(intents.length);
  expect(pool.threads.map((each) => each.threadId)).not.toContain(killed);
});

test("a batch that takes too long is given up", async () => {
  const hasty = new PathPool({ threads: 1, batchTimeoutMs: 1 });
  await expect(hasty.compute(snapshot, intents)).rejects.toThrow();
  expect(hasty.hasRoom).toBe(true);
  await hasty.close();
});

test("two batches per thread are under way at most", async () => {
  const underWay = [pool.compute(snapshot, intents), pool.compute(snapshot, intents)];
  expect(pool.hasRoom).toBe(false);
  await expect(pool.compute(snapshot, intents)).rejects.toThrow(RangeError);
  await Promise.all(underWay);
  expect(pool.hasRoom).toBe(true);
});

test("threads end when they are idle, and when the pool is closed", async () => {
  const lazy = new PathPool({ threads: 1, idleMs: 1 });
  await lazy.compute(snapshot, intents);
  await eventually("the thread ends", () => lazy.threads.length === 0);
  await lazy.compute(snapshot, intents);
  await lazy.close();
  expect(lazy.threads).toHaveLength(0);
  expect(lazy.hasRoom).toBe(false);
});
