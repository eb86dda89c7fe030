// A controller in a process of its own, 200 agents with a stream each, 1,600 lists. Each second more than 10,000 of them die or come
// back, wherever they lead: the links that this speaks against change all the time, and with them intents and what hosts hold.
import type { Resource } from "@sextant/proto";
import type { Watching } from "../../../packages/controller/src/testing/operator-client";
import { hostName } from "../../bench/localise/simulated-network";
import { eventually } from "../../support/eventually";
import { intentYaml, PATHS, StormedController } from "./stormed-controller";

const TRANSITIONS_PER_SECOND = 12_000;
const WARM_UP = 12_000;
const STORM = 60_000;
const TICK_MS = 10;
/** Bounds for a machine that is busy with other things too. One host, and all paths with all that there is to say of them. */
const ANSWER_BOUND_MS = 10_000;
const ALL_PATHS_BOUND_MS = 30_000;
/** What was reported last is seen within this. */
const CALM_BOUND_MS = 60_000;
/** Resident memory goes up and down with garbage collection; the heap has a limit beside it. */
const GROWTH_BOUND_MB = 64;

jest.setTimeout(240_000);

let stormed: StormedController;
beforeAll(async () => {
  stormed = await StormedController.start();
}, 120_000);
afterAll(() => stormed.stop());

/** Agents in turn find all their lists in the other state and report that: so many changes, at the rate, or as fast as a busy machine lets them. */
async function storm(changes: number): Promise<void> {
  const startMs = performance.now();
  let turn = 0;
  for (let made = 0; made < changes; ) {
    const nowMs = performance.now();
    const due = Math.min(changes, ((nowMs - startMs) / 1_000) * TRANSITIONS_PER_SECOND);
    while (made < due && performance.now() - nowMs < TICK_MS) {
      const agent = stormed.agents[turn++ % stormed.agents.length];
      made += agent?.observe((list) => agent.found.get(list)?.isDead !== true) ?? 0;
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

/** Asks again and again until told to stop; gives how long the answers took, in rising order. */
function askOften(ask: () => Promise<unknown>, restMs: number): () => Promise<number[]> {
  const tookMs: number[] = [];
  const end = new AbortController();
  const asking = (async () => {
    while (!end.signal.aborted) {
      const startMs = performance.now();
      await ask();
      tookMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  })();
  return async () => {
    end.abort();
    await asking;
    return tookMs.sort((x, y) => x - y);
  };
}

/** States of all paths by name, as agents last reported them. */
function reported(): Map<string, string> {
  return new Map(
    stormed.agents.flatMap(({ host, found }) =>
      [...found].map(([list, { isDead }]) => [list.replace("list/", `${host}/`), isDead ? "dead" : "alive"] as const),
    ),
  );
}

async function read(): Promise<Map<string, string>> {
  const paths = await stormed.operator.get("Path");
  return new Map(paths.map((path) => [path.name, stateOf(path)]));
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, state]) => b.get(name) === state);
}

const stateOf = ({ status }: Pick<Resource, "status">) => String((status as { state?: string }).state);

/** The last that a watch has said of each path. */
function lastSeen(watching: Watching): Map<string, string> {
  const last = new Map<string, string>();
  for (const { resource, deleted } of watching.received) {
    if (resource === undefined) continue;
    if (deleted) last.delete(resource.name);
    else last.set(resource.name, stateOf(resource));
  }
  return last;
}

test("operators are served, memory stays, and every path ends as it was last reported", async () => {
  const { operator, agents } = stormed;
  const slow = operator.watch("Path");
  await eventually("the watcher has what there is", () => slow.received.length >= PATHS, CALM_BOUND_MS);
  slow.pause();
  await storm(WARM_UP);
  const beforeMb = stormed.residentMb();

  const one = askOften(() => operator.get("Host", "left-host-0"), 50);
  const all = askOften(() => operator.get("Path"), 1_000);
  const memoryMb: number[] = [];
  const sampling = setInterval(() => memoryMb.push(stormed.residentMb()), 100);
  const stormy = storm(STORM);
  await operator.apply([intentYaml("in-the-storm", hostName("left", 1), hostName("right", 51))]);
  await eventually(
    "an intent of that moment is installed",
    async () => (await operator.status("Intent", "in-the-storm")).policies[0].installedGeneration === 1,
    CALM_BOUND_MS,
  );
  await stormy;
  clearInterval(sampling);
  const [oneMs, allMs] = [await one(), await all()];

  expect(oneMs.at(-1)).toBeLessThan(ANSWER_BOUND_MS);
  expect(allMs.at(-1)).toBeLessThan(ALL_PATHS_BOUND_MS);
  expect(Math.max(...memoryMb)).toBeLessThan(beforeMb + GROWTH_BOUND_MB);

  for (const agent of agents) {
    agent.onChange = () => agent.observe((list) => /[0-7]$/.test(list));
    agent.onChange();
  }
  await eventually(
    "every path is as it was last reported",
    async () => isSame(await read(), reported()),
    CALM_BOUND_MS,
  );
  // What waited for the reader that stood still: one round, and what fits its stream. It is told the rest in one more.
  expect(slow.received.length).toBeLessThan(2 * PATHS);
  slow.resume();
  await eventually("the slow reader has the last of each", () => isSame(lastSeen(slow), reported()), CALM_BOUND_MS);
  expect(slow.received.length).toBeLessThan(5 * PATHS);
});
