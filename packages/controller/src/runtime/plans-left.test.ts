import { loadCatalog } from "../pipeline/catalog";
import { planIntent } from "../pipeline/plan";
import type { DirectedLink } from "../topology/directed-link";
import { PathPool } from "../workers/path-pool";
import { generatedSpec, seededRandom } from "../../../../test/bench/generated-network";
import { Plans } from "./plans";

const HOSTS = 40;
const INTENTS = 1_200;
const spec = generatedSpec({ routers: 150, hosts: HOSTS, chords: 150, seed: 1 });
const topology = { kind: "Topology", name: "t", labels: {}, spec, generation: 1 } as const;

function intentRecord(i: number, changes: Record<string, unknown> = {}) {
  const from = { hosts: [`h${i % HOSTS}`] };
  const to = { hosts: [`h${(i + 1 + (i % 23)) % HOSTS}`] };
  const minimize = ["delay", "te"][i % 2];
  const asked = { from, to, objective: { minimize }, protection: { backups: 1 }, ...changes };
  return { kind: "Intent", name: `intent-${i}`, labels: {}, spec: asked, generation: 1 } as const;
}

const catalog = loadCatalog([topology, ...Array.from({ length: INTENTS }, (_, i) => intentRecord(i))], "test");
/** What is planned on the main thread. */
let here: string[];
let pool: PathPool;
let plans: Plans;
beforeEach(async () => {
  here = [];
  pool = new PathPool({ threads: 1 });
  plans = new Plans((...args) => {
    here.push(args[0].name);
    return planIntent(...args);
  }, pool);
  while (plans.prepare({ catalog, budgetMs: 5 })) await plans.turn();
  plans.refresh({ catalog });
  here = [];
});
afterEach(() => pool.close());

type Now = Pick<Parameters<Plans["refresh"]>[0], "catalog" | "unusable">;

async function settle(now: Now): Promise<string[]> {
  const touched: string[] = [];
  for (;;) {
    const result = plans.refresh({ ...now, budgetMs: 1 });
    touched.push(...result.touched);
    if (result.left === 0) return touched;
    await plans.turnLeft();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Both directions. */
function broken(...numbers: readonly number[]): DirectedLink[] {
  return numbers.flatMap((number) => {
    const { name = "", a = "", b = "" } = spec.links[number % spec.links.length] ?? {};
    return [a, b].map((from) => ({ link: name, from }));
  });
}

/** Lists that are in force, and those that a controller would have that has known nothing else. */
function listsOf(from: Plans) {
  return [...catalog.intents.keys()].map((name) => [
    name,
    from.of(name)?.policies.map(({ candidates }) => candidates.map(({ path }) => path.links)),
  ]);
}

function fresh(now: Now): Plans {
  const anew = new Plans();
  anew.refresh(now);
  return anew;
}

/** Links that most intents cross. */
const CROWDED = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * 16);

test("threads search for many plans that a link breaks, and all come out as without them", async () => {
  const unusable = broken(...CROWDED);
  const touched = await settle({ catalog, unusable });
  expect(touched.length).toBeGreaterThan(100);
  expect(new Set(touched).size).toBe(touched.length);
  expect(here.length).toBeLessThan(touched.length);
  expect(listsOf(plans)).toEqual(listsOf(fresh({ catalog, unusable })));
}, 30_000);

test("answers that come back to another situation leave what that one asks for", async () => {
  const random = seededRandom(4);
  let now: Now = { catalog, unusable: [] };
  for (let turn = 0; turn < 60; turn++) {
    const unusable = broken(...CROWDED.map((link) => link + Math.floor(random() * 8)));
    const changed = loadCatalog([intentRecord(turn, { protection: { backups: turn % 2 } })], "test").intents;
    now = { catalog: { ...now.catalog, intents: now.catalog.intents.with(changed) }, unusable };
    plans.refresh({ ...now, budgetMs: 2 });
    await plans.turnLeft();
  }
  await settle(now);
  expect(listsOf(plans)).toEqual(listsOf(fresh(now)));
}, 60_000);

test("where threads are killed the main thread does what they had", async () => {
  const unusable = broken(...CROWDED);
  plans.refresh({ catalog, unusable, budgetMs: 1 });
  await Promise.all(pool.threads.map((thread) => thread.terminate()));
  await settle({ catalog, unusable });
  expect(listsOf(plans)).toEqual(listsOf(fresh({ catalog, unusable })));
}, 30_000);
