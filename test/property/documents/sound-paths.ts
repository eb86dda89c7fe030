import type { IntentPlan } from "../../../packages/controller/src/pipeline/plan";
import type { Constraints, ElementNames, Link, LinkDirection, Stop, Topology } from "../../../packages/model/src";

interface Way {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
}

interface Step extends LinkDirection {
  readonly link: Link;
}

/** What is wrong with the paths of a plan, by the network and the intent alone: nothing, if the engine is right. */
export function pathFaults({ intent, policies }: IntentPlan, topology: Topology): string[] {
  return policies.flatMap(({ computed, candidates }) => {
    const { constraints } = intent;
    const isBack = computed.direction === "return";
    const asked = isBack ? { ...constraints, via: constraints.via.toReversed() } : constraints;
    return candidates.flatMap(({ lists }) =>
      lists.flatMap(({ path }) => {
        const ends = path.nodes[0] === computed.host && path.nodes.at(-1) === computed.egress;
        const faults = [...(ends ? [] : ["ends elsewhere"]), ...wayFaults(path, topology, asked)];
        return faults.map((fault) => `${intent.name}: ${path.nodes.join(" ")}: ${fault}`);
      }),
    );
  });
}

function wayFaults(way: Way, topology: Topology, constraints: Constraints): string[] {
  const steps = stepsOf(way, topology);
  if (steps === undefined) return ["is no walk over links that are up"];
  const hosts = new Set(topology.nodes.filter(({ kind }) => kind === "host").map(({ name }) => name));
  const { avoid, include, via } = constraints;
  const checks: Readonly<Record<string, boolean>> = {
    "crosses a host": way.nodes.slice(1, -1).some((node) => hosts.has(node)),
    "breaks a bound": !withinBounds(steps, constraints),
    "touches what is to be avoided": touched(avoid, way, steps) > 0,
    "leaves out what is to be included": touched(include, way, steps) < countOf(include),
    "misses a stop": !passes(via, way.nodes),
    "has a link of the wrong colour": !steps.every((step) => hasColours(step, constraints, hosts)),
    "leaves its algorithm": !steps.every((step) => isInAlgorithm(step, constraints, topology)),
  };
  return Object.keys(checks).filter((fault) => checks[fault] === true);
}

function stepsOf({ nodes, links }: Way, topology: Topology): Step[] | undefined {
  const steps = links.flatMap((name, i): Step[] => {
    const link = topology.links.find((each) => each.name === name && each.state === "up");
    const direction = [link?.aToB, link?.bToA].find((each) => each?.from === nodes[i] && each?.to === nodes[i + 1]);
    return link === undefined || direction === undefined ? [] : [{ ...direction, link }];
  });
  return steps.length === nodes.length - 1 && steps.length === links.length ? steps : undefined;
}

/** Sums of what documents say; a billionth apart is rounding. */
function withinBounds(steps: readonly Step[], constraints: Constraints): boolean {
  const sum = (value: (step: Step) => number) => steps.reduce((total, step) => total + value(step), 0);
  const most = (bound: number | undefined, reached: number) =>
    bound === undefined || reached <= bound * (1 + 1e-9) + 1e-9;
  const lost = 100 * (1 - steps.reduce((delivered, { lossPpm }) => delivered * (1 - lossPpm / 1e6), 1));
  return (
    most(constraints.maxDelayMs, sum(({ delayUs }) => delayUs) / 1_000) &&
    most(constraints.maxJitterMs, sum(({ jitterUs }) => jitterUs) / 1_000) &&
    most(constraints.maxLossPercent, lost) &&
    most(
      constraints.maxIgp,
      sum(({ igp }) => igp),
    ) &&
    most(constraints.maxHops, steps.length) &&
    steps.every(({ capacityMbps }) => capacityMbps >= (constraints.minBandwidthMbps ?? 0))
  );
}

/** How many of the elements the way has. */
function touched({ nodes, links, srlgs }: ElementNames, way: Way, steps: readonly Step[]): number {
  return (
    new Set(nodes.filter((name) => way.nodes.includes(name))).size +
    new Set(links.filter((name) => way.links.includes(name))).size +
    new Set(srlgs.filter((name) => steps.some(({ link }) => link.srlgs.includes(name)))).size
  );
}

function countOf({ nodes, links, srlgs }: ElementNames): number {
  return new Set(nodes).size + new Set(links).size + new Set(srlgs).size;
}

function passes(via: readonly Stop[], nodes: readonly string[]): boolean {
  let passed = 0;
  const isStop = (stop: Stop, node: string) =>
    "node" in stop ? stop.node === node : stop.instances.some((instance) => instance.node === node);
  for (const node of nodes) while (passed < via.length && isStop(via[passed] as Stop, node)) passed++;
  return passed === via.length;
}

function hasColours(
  { link }: Pick<Step, "link">,
  { affinity: { any, all, none } }: Pick<Constraints, "affinity">,
  hosts: ReadonlySet<string>,
): boolean {
  const has = (colour: string) => link.affinity.includes(colour);
  if (none.some(has)) return false;
  if (link.affinity.length === 0 && (hosts.has(link.a) || hosts.has(link.b))) return true;
  return (any.length === 0 || any.some(has)) && all.every(has);
}

function isInAlgorithm({ link }: Step, { algorithm: name }: Constraints, { algorithms, nodes }: Topology): boolean {
  if (name === undefined) return true;
  const rules = algorithms.find((algorithm) => algorithm.name === name);
  const ends = nodes.filter((node) => node.name === link.a || node.name === link.b);
  if (rules === undefined || !ends.every((node) => node.algorithms.includes(name))) return false;
  const hosts = new Set(ends.filter(({ kind }) => kind === "host").map((node) => node.name));
  const affinity = { any: rules.includeAny, all: rules.includeAll, none: rules.exclude };
  return hasColours({ link }, { affinity }, hosts);
}
