import type { RandomLink, RandomNetwork } from "./random-network";

/** A step over a link in one direction, with what it costs. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly link: RandomLink;
  readonly igp: number;
}

interface Elements {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly srlgs: readonly string[];
}

/** One wish of an objective, as it stands in a document. */
export type AskedGoal =
  | { readonly minimize: Additive | "utilisation" | Readonly<Partial<Record<Additive, number>>> }
  | { readonly maximize: "bandwidth" };
export type Additive = "delay" | "igp" | "te" | "hops" | "jitter" | "loss";

export interface Question {
  readonly source: string;
  readonly target: string;
  readonly objective: readonly AskedGoal[];
  readonly maxDelayUs: number;
  readonly maxJitterUs: number;
  readonly maxLossPercent: number;
  readonly maxIgp: number;
  readonly maxHops: number;
  readonly minBandwidthMbps: number;
  readonly avoid: Elements;
  readonly include: Elements;
  readonly affinity: {
    readonly any: readonly string[];
    readonly all: readonly string[];
    readonly none: readonly string[];
  };
  /** Of each stop one node is to be passed. */
  readonly via: readonly (readonly string[])[];
}

/** Every direction of every link. */
export function hopsOf(network: RandomNetwork): Hop[] {
  return network.links.flatMap((link) => [
    { from: link.a, to: link.b, link, igp: link.igp },
    { from: link.b, to: link.a, link, igp: link.igpBack },
  ]);
}

/** The best walk by looking at all of them. */
export function bestWalk(network: RandomNetwork, question: Question): readonly Hop[] | undefined {
  let best: readonly Hop[] | undefined;
  for (const walk of walksOf(network, question)) {
    if (best === undefined || compareWalks(walk, best, question) < 0) best = walk;
  }
  return best;
}

/**
 * Every walk that answers the question: between two moments of progress (the next via node, something to include crossed for the
 * first time) no node is visited twice, hosts are ends only. Written from the rules alone, sharing nothing with the engine.
 */
export function walksOf(network: RandomNetwork, question: Question): (readonly Hop[])[] {
  const hops = hopsOf(network).filter((hop) => allowed(hop, network, question));
  const wanted = includedCount(question);
  const found: (readonly Hop[])[] = [];
  const visit = (
    at: string,
    passed: number,
    crossed: ReadonlySet<string>,
    seen: ReadonlySet<string>,
    walk: readonly Hop[],
  ) => {
    if (walk.length > question.maxHops || cost(walk, "igp") > question.maxIgp) return;
    if (at === question.target && passed === question.via.length && crossed.size === wanted) {
      if (withinSums(walk, question)) found.push(walk);
      return;
    }
    for (const hop of hops) {
      if (hop.from !== at) continue;
      if (isHost(network, hop.to) && hop.to !== question.target) continue;
      let reached = passed;
      while (question.via[reached]?.includes(hop.to) === true) reached++;
      const now = new Set([...crossed, ...includedBy(hop, question)]);
      const isProgress = reached > passed || now.size > crossed.size;
      if (seen.has(hop.to) && !isProgress) continue;
      if (isHost(network, hop.to) && (reached < question.via.length || now.size < wanted)) continue;
      visit(hop.to, reached, now, isProgress ? new Set([hop.to]) : new Set([...seen, hop.to]), [...walk, hop]);
    }
  };
  const { source, include } = question;
  const atStart = new Set(include.nodes.includes(source) ? [`node ${source}`] : []);
  visit(source, 0, atStart, new Set([source]), []);
  return found;
}

function includedCount({ include }: Question): number {
  return new Set([
    ...include.nodes.map((name) => `node ${name}`),
    ...include.links.map((name) => `link ${name}`),
    ...include.srlgs.map((name) => `srlg ${name}`),
  ]).size;
}

function includedBy({ to, link }: Hop, { include }: Question): string[] {
  return [
    ...include.nodes.filter((name) => name === to).map((name) => `node ${name}`),
    ...include.links.filter((name) => name === link.name).map((name) => `link ${name}`),
    ...include.srlgs.filter((name) => link.srlgs.includes(name)).map((name) => `srlg ${name}`),
  ];
}

function withinSums(walk: readonly Hop[], question: Question): boolean {
  const lost = 100 * (1 - walk.reduce((delivered, { link }) => delivered * (1 - link.lossPpm / 1e6), 1));
  return (
    delayOf(walk) <= Math.round(question.maxDelayUs * 1_000) &&
    cost(walk, "jitter") <= question.maxJitterUs &&
    lost <= question.maxLossPercent + 1e-9
  );
}

function allowed({ from, to, link }: Hop, network: RandomNetwork, question: Question): boolean {
  const { avoid, affinity, minBandwidthMbps } = question;
  if (link.capacityMbps < minBandwidthMbps || avoid.links.includes(link.name)) return false;
  if (avoid.nodes.includes(from) || avoid.nodes.includes(to)) return false;
  if (link.srlgs.some((srlg) => avoid.srlgs.includes(srlg))) return false;
  if (affinity.none.some((name) => link.affinity.includes(name))) return false;
  if (link.affinity.length === 0 && (isHost(network, from) || isHost(network, to))) return true;
  const isAny = affinity.any.length === 0 || affinity.any.some((name) => link.affinity.includes(name));
  return isAny && affinity.all.every((name) => link.affinity.includes(name));
}

function isHost(network: RandomNetwork, name: string): boolean {
  return network.hosts.includes(name);
}

/** Whole nanoseconds, so that the order of additions does not matter. */
function delayOf(walk: readonly Hop[]): number {
  return walk.reduce((sum, { link }) => sum + Math.round(link.delayUs * 1_000), 0);
}

function cost(walk: readonly Hop[], objective: Additive): number {
  const sum = (value: (hop: Hop) => number) => walk.reduce((total, hop) => total + value(hop), 0);
  switch (objective) {
    case "delay":
      return delayOf(walk);
    case "igp":
      return sum(({ igp }) => igp);
    case "te":
      return sum(({ link }) => link.te);
    case "hops":
      return walk.length;
    case "jitter":
      return sum(({ link }) => link.jitterUs);
    case "loss":
      // A link that loses everything counts as e^-32; sums are compared far above their rounding.
      return sum(({ link }) => Math.round(Math.min(32, -Math.log(1 - link.lossPpm / 1e6)) * 1e9));
  }
}

/** How bad a walk is by one goal; the engine's units do not matter, only the order. */
function badness(walk: readonly Hop[], goal: AskedGoal): number {
  if ("maximize" in goal) return -Math.min(...walk.map(({ link }) => link.capacityMbps));
  const { minimize } = goal;
  if (minimize === "utilisation") return Math.max(...walk.map(({ link }) => link.utilisationPercent));
  if (typeof minimize === "string") return cost(walk, minimize);
  return (Object.entries(minimize) as [Additive, number][]).reduce(
    (sum, [metric, weight]) => sum + weight * weighed(walk, metric),
    0,
  );
}

/** In thousandths of a microsecond, of a ppm, or of one: whole numbers, so that equal sums are equal. */
function weighed(walk: readonly Hop[], metric: Additive): number {
  if (metric === "delay") return delayOf(walk);
  if (metric !== "loss") return 1_000 * cost(walk, metric);
  return walk.reduce((sum, { link }) => {
    const loss = Math.min(32, -Math.log1p(-link.lossPpm / 1e6));
    return sum + Math.round(loss * 1e9);
  }, 0);
}

/** Negative when `a` is better: by the goals in order, then igp, then hops, then the names of the links one by one. */
export function compareWalks(a: readonly Hop[], b: readonly Hop[], { objective }: Question): number {
  const keys: [number, number][] = [
    ...objective.map((goal): [number, number] => [badness(a, goal), badness(b, goal)]),
    [cost(a, "igp"), cost(b, "igp")],
    [a.length, b.length],
  ];
  for (const [left, right] of keys) if (left !== right) return left - right;
  const names = (walk: readonly Hop[]) => walk.map(({ link }) => link.name).join(" ");
  return names(a) < names(b) ? -1 : 1;
}
