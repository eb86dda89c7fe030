// A controller's plans at full size, in a process of its own: memory and the event loop's delay are theirs alone.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Catalog, loadCatalog } from "../../../packages/controller/dist/pipeline/catalog";
import { type IntentPlan, planIntent } from "../../../packages/controller/dist/pipeline/plan";
import { Plans } from "../../../packages/controller/dist/runtime/plans";
import { TURN_BUDGET_MS } from "../../../packages/controller/dist/runtime/turn-budget";
import type { DirectedLink } from "../../../packages/controller/dist/topology/directed-link";
import { PathPool } from "../../../packages/controller/dist/workers/path-pool";
import { generatedSpec, seededRandom } from "../generated-network";
import { mixedIntents } from "./mixed-intents";
import type { ScaleResult, ScaleSize } from "./scale-result";

const BYTES_PER_MB = 1_000_000;
const NS_PER_MS = 1_000_000;
const PROGRESS_MS = 2_000;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Scale {
  readonly #pool = new PathPool();
  readonly #plans = new Plans(planIntent, this.#pool);
  #unusable: readonly DirectedLink[] = [];

  constructor(private catalog: Catalog) {}

  /** From nothing until every intent has its lists. Seconds. */
  async planAll(): Promise<number> {
    const startMs = performance.now();
    let toldMs = startMs;
    while (this.#plans.prepare({ ...this.#inputs(), budgetMs: TURN_BUDGET_MS })) {
      await this.#plans.turn();
      if (performance.now() - toldMs < PROGRESS_MS) continue;
      toldMs = performance.now();
      console.error(`  planning for ${((toldMs - startMs) / 1_000).toFixed(0)} s`);
    }
    await this.#settle();
    return (performance.now() - startMs) / 1_000;
  }

  /** One link fails: until all lists that crossed it are other ones. It is mended afterwards. */
  async failLink(name: string): Promise<{ ms: number; affected: number; mendMs: number }> {
    const link = this.#plans.snapshot?.links.get(name);
    if (link === undefined) throw new Error(`there is no link ${name}`);
    this.#unusable = [link.aToB.from, link.bToA.from].map((from) => ({ link: name, from }));
    const startMs = performance.now();
    const affected = await this.#settle();
    const ms = performance.now() - startMs;
    this.#unusable = [];
    const mendedMs = performance.now();
    await this.#settle();
    return { ms, affected, mendMs: performance.now() - mendedMs };
  }

  /** One document of all is another. Milliseconds. */
  async changeIntent(name: string): Promise<number> {
    const entry = this.catalog.intents.get(name);
    if (entry === undefined) throw new Error(`there is no intent ${name}`);
    const changed = { ...entry, value: { ...entry.value, priority: entry.value.priority + 1 } };
    const startMs = performance.now();
    this.catalog = { ...this.catalog, intents: this.catalog.intents.with([[name, changed]]) };
    while (this.#plans.prepare({ ...this.#inputs(), budgetMs: TURN_BUDGET_MS })) await this.#plans.turn();
    await this.#settle();
    return performance.now() - startMs;
  }

  /** What all hosts are to hold, put together as if all of them came at once. Seconds. */
  makeEntries(): number {
    const startMs = performance.now();
    for (const host of this.#plans.hosts()) this.#plans.desiredOf(host);
    return (performance.now() - startMs) / 1_000;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Intents with two candidates that are encoded, and those with fewer. */
  count(): { protectedIntents: number; others: number } {
    const plans = [...this.catalog.intents.keys()].flatMap((name) => this.#plans.of(name) ?? []);
    const protectedIntents = plans.filter(hasTwoLists).length;
    return { protectedIntents, others: plans.length - protectedIntents };
  }

  #inputs() {
    return { catalog: this.catalog, unusable: this.#unusable };
  }

  /** Returns how many intents were planned. */
  async #settle(): Promise<number> {
    for (let computed = 0; ; ) {
      const result = this.#plans.refresh({ ...this.#inputs(), budgetMs: TURN_BUDGET_MS });
      computed += result.computed;
      await this.#plans.turnLeft();
      await nextTurn();
      if (result.left === 0) return computed;
    }
  }
}

function hasTwoLists({ policies }: IntentPlan): boolean {
  return policies.every(({ entries }) => entries.policy.entry.candidates.length === 2);
}

async function measure({ routers, hosts, chords, intents, failures }: ScaleSize): Promise<ScaleResult> {
  const spec = generatedSpec({ routers, hosts, chords, seed: 1 });
  const network = { kind: "Topology", name: "scale", labels: {}, spec, generation: 1 } as const;
  const documents = mixedIntents(intents, hosts);
  const scale = new Scale(loadCatalog([network, ...documents], "bench"));
  console.error(`  ${intents} documents read, ${rssMb().toFixed(0)} MB`);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // The first turn counts too: a delay is what lies between two ticks.
  while (delay.count === 0) await nextTurn();
  const fullComputeSeconds = await scale.planAll();
  console.error(`  planned in ${fullComputeSeconds.toFixed(1)} s, ${rssMb().toFixed(0)} MB`);
  const random = seededRandom(3);
  const trials = [];
  for (let i = 0; i < failures; i++) {
    const link = spec.links[Math.floor(random() * spec.links.length)];
    trials.push(await scale.failLink(link?.name ?? ""));
  }
  const changes = [];
  for (let i = 0; i < failures; i++)
    changes.push(await scale.changeIntent(documents[Math.floor(random() * intents)]?.name ?? ""));
  delay.disable();
  await scale.close();
  const entriesSeconds = scale.makeEntries();
  return {
    fullComputeSeconds,
    entriesSeconds,
    trials,
    changeMs: changes,
    loopDelayP99Ms: delay.percentile(99) / NS_PER_MS,
    loopDelayMaxMs: delay.max / NS_PER_MS,
    rssMb: (process.resourceUsage().maxRSS * 1_024) / BYTES_PER_MB,
    ...scale.count(),
  };
}

function rssMb(): number {
  return process.memoryUsage.rss() / BYTES_PER_MB;
}

process.once("message", (size: ScaleSize) => {
  void measure(size).then(
    (result) => process.send?.(result),
    (thrown: unknown) => {
      console.error(thrown);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
