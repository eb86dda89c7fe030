import type { Worker } from "node:worker_threads";
import { igpRows, PLAIN_KIND } from "../compute/igp-rows";
import { EMPTY_CATALOG } from "../pipeline/catalog";
import { NOTHING_LACKING } from "../pipeline/features";
import { SharingMap } from "../pipeline/sharing-map";
import { planIntent } from "../pipeline/plan";
import { PathPool } from "../workers/path-pool";
import { createSnapshot } from "../topology/snapshot";
import { generatedNetwork } from "../../../../test/bench/generated-network";
import { intentOf } from "../../../../test/support/intent";
import { PlansAhead } from "./plans-ahead";

const HOSTS = 30;
const snapshot = createSnapshot(generatedNetwork(100, HOSTS), 1);
const names = Array.from({ length: 1_000 }, (_, i) => `intent-${i}`);
const intents = SharingMap.of(
  names.map((name, i) => {
    const to = { hosts: [`h${(i + 1 + (i % 11)) % HOSTS}`] };
    const value = intentOf({ from: { hosts: [`h${i % HOSTS}`] }, to, protection: { backups: 1 } }, name);
    return [name, { value }] as const;
  }),
);

let pool: PathPool;
beforeEach(() => {
  pool = new PathPool({ threads: 2 });
});
afterEach(() => pool.close());

const NOTHING = { snapshot: undefined, intents: EMPTY_CATALOG.intents, lacking: NOTHING_LACKING };

function aheadOf(compute: readonly string[], network: typeof snapshot, used: PathPool | undefined): PlansAhead {
  const inputs = { snapshot: network, intents, lacking: NOTHING_LACKING, catalog: EMPTY_CATALOG };
  return new PlansAhead(inputs, NOTHING, { compute, forget: [], reconsider: [] }, planIntent, used);
}

/** Goes on until all is done, and calls back before each turn. */
async function plansBy(used: PathPool | undefined, beforeTurn: (turn: number) => void = () => undefined) {
  const ahead = aheadOf(names, snapshot, used);
  for (let turn = 0; ahead.run(5); turn++) {
    beforeTurn(turn);
    await ahead.turn();
  }
  return names.map((name) => JSON.stringify(ahead.plans.get(name)?.policies));
}

test("many plans are the same with threads and without, and when threads are killed meanwhile", async () => {
  const expected = names.map((name) => {
    return JSON.stringify(planIntent(intents.get(name)?.value ?? intentOf(), snapshot).policies);
  });
  expect(await plansBy(undefined)).toEqual(expected);
  expect(await plansBy(pool)).toEqual(expected);
  const killed = new Set<Worker>();
  const made = await plansBy(pool, () => {
    for (const thread of pool.threads) {
      if (!killed.has(thread)) void thread.terminate();
      killed.add(thread);
    }
  });
  expect(made).toEqual(expected);
  expect(killed.size).toBeGreaterThan(0);
}, 30_000);

test.each([
  ["every router gets a row of next hops before many intents are planned", 80, 100],
  ["none does before few", 5, 0],
])("%s", (_, count, rows) => {
  const network = createSnapshot(snapshot.topology, 1);
  const ahead = aheadOf(names.slice(0, count), network, undefined);
  while (ahead.run(0));
  const { isHost } = network.flat;
  const withRow = [...isHost.keys()].filter((node) => igpRows(network.flat).has(PLAIN_KIND, node));
  expect(withRow.filter((node) => isHost[node] === 0)).toHaveLength(rows);
  expect(ahead.plans.get(names[0] ?? "")).toBeDefined();
});
