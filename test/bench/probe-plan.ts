// The probe plan: what is sent as lists grow tenfold on the same network, and what a plan for 10,000 hosts costs.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DEFAULT_HOST_SETTINGS, type DesiredEntry, type Intent, type ListKey } from "@sextant/model";
import { igpTree, nextHops } from "../../packages/controller/src/compute/igp";
import { ProbePlanner } from "../../packages/controller/src/liveness/probe-planner";
import type { PolicyEntries } from "../../packages/controller/src/pipeline/entries";
import { VERIFY_INTERVAL_US } from "../../packages/controller/src/pipeline/probing";
import { planIntent } from "../../packages/controller/src/pipeline/plan";
import { createSnapshot, type TopologySnapshot } from "../../packages/controller/src/topology/snapshot";
import { eventually } from "../support/eventually";
import { intentOf } from "../support/intent";
import { generatedNetwork, seededRandom } from "./generated-network";
import { figure, printReport } from "./report";

const ROUTERS = 900;
/** Far ends are chosen among so many hosts. */
const FAR_ENDS = 500;
const SIZES = [
  { hosts: 1_000, listsPerHost: 10 },
  { hosts: 1_000, listsPerHost: 30 },
  { hosts: 1_000, listsPerHost: 100 },
  { hosts: 10_000, listsPerHost: 10 },
] as const;
const HOST_INTERVAL_US = DEFAULT_HOST_SETTINGS.probeIntervalMs * 1_000;
const US_PER_S = 1_000_000;
/** No host has heard anything for so long: all have heard of the plan. */
const QUIET_MS = 500;
const PLAN_BOUND_MS = 60_000;

interface Policy {
  readonly entries: PolicyEntries;
  readonly intent: Intent;
}

interface Measured {
  readonly lists: number;
  /** Directed links that they cross, out or back. */
  readonly links: number;
  /** Probes per second of all hosts, if every list had the host's rate, and as planned. */
  readonly allPerSecond: number;
  readonly perSecond: number;
  /** Lists at the host's rate: they watch links. */
  readonly watching: number;
  /** Processor time: until the first host hears of the plan, and from there to the last host's entry. */
  readonly planMs: number;
  readonly entriesMs: number;
  readonly longestTurnMs: number;
}

/** Each host with that many policies of a list each, for far ends at random, over a shortest way out and the same back. */
function probedHosts(snapshot: TopologySnapshot, hosts: number, listsPerHost: number): Map<string, Policy[]> {
  const random = seededRandom(3);
  const policyTo = policyMaker(snapshot);
  const probed = new Map(Array.from({ length: hosts }, (_, i): [string, Policy[]] => [`h${i}`, []]));
  // Far end by far end, so that each tree is made once.
  for (let far = 0; far < FAR_ENDS; far++) {
    for (const [host, policies] of probed) {
      const wanted = listsPerHost - policies.length;
      if (host !== `h${far}` && random() * (FAR_ENDS - far) < wanted) policies.push(policyTo(host, `h${far}`));
    }
  }
  return probed;
}

function policyMaker(snapshot: TopologySnapshot): (host: string, far: string) => Policy {
  const intent = intentOf({ from: { hosts: ["h0"] }, to: { hosts: ["h1"] } });
  const [model] = planIntent(intent, snapshot).policies;
  const [list] = model?.entries.lists ?? [];
  if (model === undefined || list === undefined) throw new Error("there is no way from h0 to h1");
  const { intent: name, key: policyKey, policy, decapsulatedBy } = model.entries;
  const others = { intent: name, key: policyKey, decapsulatedBy };
  return (host, far) => {
    const key = `list/${host}-${far}` as ListKey;
    const out = shortestWay(snapshot, host, far);
    const backs = [out.map((edge) => snapshot.flat.edgeReverse[edge] as number).reverse()];
    const lists = [{ ...list, entry: { ...list.entry, key }, loops: { out, backs } }];
    const candidates = [{ preference: 1, lists: [{ list: key, weight: 1 }] }];
    return { entries: { ...others, policy: { ...policy, entry: { ...policy.entry, candidates } }, lists }, intent };
  };
}

function shortestWay({ flat }: TopologySnapshot, from: string, to: string): number[] {
  const target = flat.nodeIndex.get(to) ?? -1;
  const tree = igpTree(flat, target);
  const way: number[] = [];
  for (let node = flat.nodeIndex.get(from) ?? -1; node !== target; node = flat.edgeTo[way.at(-1) as number] as number) {
    const [edge] = nextHops(flat, target, tree, node);
    if (edge === undefined) throw new Error(`there is no way from ${from} to ${to}`);
    way.push(edge);
  }
  return way;
}

/** Plans from nothing, as a controller does that has just started, and makes the entry of every host that hears of it. */
async function measure(snapshot: TopologySnapshot, probed: ReadonlyMap<string, Policy[]>): Promise<Measured> {
  const entryOf = (host: string) => planner.entryOf(host, snapshot.flat)?.entry;
  let toldMs = Infinity;
  const usedUs: number[] = [];
  const hosts = () => {
    usedUs.push(used());
    return probed.keys();
  };
  const planner: ProbePlanner = new ProbePlanner({
    probed: { hosts, policiesOf: (host) => probed.get(host) ?? [], retainedOf: () => [] },
    settings: DEFAULT_HOST_SETTINGS,
    onChange: (changed) => {
      usedUs.push(used());
      changed.forEach(entryOf);
      toldMs = performance.now();
      usedUs.push(used());
    },
  });
  const turns = monitorEventLoopDelay({ resolution: 1 });
  planner.listsChanged();
  turns.enable();
  await eventually("hosts hear of the plan", () => performance.now() - toldMs > QUIET_MS, PLAN_BOUND_MS);
  turns.disable();
  planner.stop();
  const [beginUs = 0, plannedUs = 0] = usedUs;
  const times = { planMs: (plannedUs - beginUs) / 1_000, entriesMs: ((usedUs.at(-1) ?? 0) - plannedUs) / 1_000 };
  return { ...sentOf(probed, entryOf), ...times, longestTurnMs: turns.max / 1_000_000 };
}

type Sent = Omit<Measured, "planMs" | "entriesMs" | "longestTurnMs">;

function sentOf(
  probed: ReadonlyMap<string, readonly Policy[]>,
  entryOf: (host: string) => DesiredEntry | undefined,
): Sent {
  const policies = [...probed.values()].flat();
  const loops = policies.flatMap(({ entries }) => entries.lists.map((list) => list.loops));
  const rates = [...probed.keys()].flatMap((host) => {
    const entry = entryOf(host);
    return entry?.kind === "probing" ? entry.lists.map((list) => US_PER_S / (list.intervalUs || HOST_INTERVAL_US)) : [];
  });
  return {
    lists: loops.length,
    links: new Set(loops.flatMap(({ out, backs }) => [...out, ...backs.flat()])).size,
    allPerSecond: (loops.length * US_PER_S) / HOST_INTERVAL_US,
    perSecond: rates.reduce((sum, rate) => sum + rate, 0),
    watching: rates.filter((rate) => rate === US_PER_S / HOST_INTERVAL_US).length,
  };
}

function used(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const COLUMNS = {
  lists: "lists",
  links: "links",
  watching: "at full rate",
  perSecond: "probes/s",
  allPerSecond: "all at full rate",
  planMs: "plan ms",
  entriesMs: "entries ms",
  longestTurnMs: "longest turn ms",
} as const satisfies Record<keyof Measured, string>;

async function main(): Promise<void> {
  const measured: Measured[] = [];
  for (const { hosts, listsPerHost } of SIZES) {
    const snapshot = createSnapshot(generatedNetwork(ROUTERS, hosts), 1);
    measured.push(await measure(snapshot, probedHosts(snapshot, hosts, listsPerHost)));
  }
  const [few, , many, wide] = measured;
  if (few === undefined || many === undefined || wide === undefined) throw new Error("nothing was measured");
  const columns = Object.keys(COLUMNS) as (keyof Measured)[];
  printReport({
    what:
      `lists of hosts on ${ROUTERS} routers, over shortest ways to ${FAR_ENDS} far ends, planned from nothing; full rate ` +
      `is a probe in ${HOST_INTERVAL_US / 1_000} ms, the others have one in ${VERIFY_INTERVAL_US / 1_000} ms`,
    header: ["hosts", ...Object.values(COLUMNS)],
    rows: measured.map((each, i) => [`${SIZES[i]?.hosts ?? 0}`, ...columns.map((column) => figure(each[column]))]),
    json: {
      lists10xWatchingRatio: many.watching / few.watching,
      lists10xProbesRatio: many.perSecond / few.perSecond,
      lists100000ProbesShare: many.perSecond / many.allPerSecond,
      hosts10000PlanMs: wide.planMs,
      hosts10000EntriesMs: wide.entriesMs,
      hosts10000LongestTurnMs: wide.longestTurnMs,
    },
  });
}

void main();
