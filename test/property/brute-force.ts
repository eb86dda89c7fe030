import type { RandomLink, RandomNetwork } from "./random-network";

/** A step over a link in one direction, with what it costs. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly link: RandomLink;
  readonly igp: number;
}

export interface Question {
  readonly source: string;
  readonly target: string;
  readonly objective: "delay" | "igp" | "te" | "hops" | "jitter" | "loss";
  readonly maxDelayUs: number;
  readonly maxHops: number;
  readonly minBandwidthMbps: number;
  readonly avoid: {
    readonly nodes: readonly string[];
    readonly links: readonly string[];
    readonly srlgs: readonly string[];
  };
  readonly via: readonly string[];
}

/** Every direction of every link. */
export function hopsOf(network: RandomNetwork): Hop[] {
  return network.links.flatMap((link) => [
    { from: link.a, to: link.b, link, igp: link.igp },
    { from: link.b, to: link.a, link, igp: link.igpBack },
  ]);
}

/**
 * The best walk by looking at all of them: each leg visits no node twice, hosts are ends only. Written from the rules alone,
 * sharing nothing with the engine.
 */
export function bestWalk(network: RandomNetwork, question: Question): readonly Hop[] | undefined {
  const hops = hopsOf(network).filter((hop) => allowed(hop, question));
  let best: readonly Hop[] | undefined;
  const visit = (at: string, passed: number, seen: ReadonlySet<string>, walk: readonly Hop[]): void => {
    if (walk.length > question.maxHops) return;
    if (at === question.target && passed === question.via.length) {
      if (
        delayOf(walk) <= Math.round(question.maxDelayUs * 1_000) &&
        (best === undefined || rank(walk, best, question) < 0)
      ) {
        best = walk;
      }
      return;
    }
    for (const hop of hops) {
      if (hop.from !== at || seen.has(hop.to)) continue;
      if (isHost(network, hop.to) && hop.to !== question.target) continue;
      let reached = passed;
      while (question.via[reached] === hop.to) reached++;
      if (isHost(network, hop.to) && reached < question.via.length) continue;
      const fresh = reached > passed ? new Set([hop.to]) : new Set([...seen, hop.to]);
      visit(hop.to, reached, fresh, [...walk, hop]);
    }
  };
  visit(question.source, 0, new Set([question.source]), []);
  return best;
}

function allowed({ from, to, link }: Hop, { avoid, minBandwidthMbps }: Question): boolean {
  if (link.capacityMbps < minBandwidthMbps || avoid.links.includes(link.name)) return false;
  if (avoid.nodes.includes(from) || avoid.nodes.includes(to)) return false;
  return !link.srlgs.some((srlg) => avoid.srlgs.includes(srlg));
}

function isHost(network: RandomNetwork, name: string): boolean {
  return network.hosts.includes(name);
}

/** Whole nanoseconds, so that the order of additions does not matter. */
function delayOf(walk: readonly Hop[]): number {
  return walk.reduce((sum, { link }) => sum + Math.round(link.delayUs * 1_000), 0);
}

function cost(walk: readonly Hop[], objective: Question["objective"]): number {
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

/** Objective, then igp, then hops, then the names of the links one by one. */
function rank(a: readonly Hop[], b: readonly Hop[], { objective }: Question): number {
  const keys: [number, number][] = [
    [cost(a, objective), cost(b, objective)],
    [cost(a, "igp"), cost(b, "igp")],
    [a.length, b.length],
  ];
  for (const [left, right] of keys) if (left !== right) return left - right;
  const names = (walk: readonly Hop[]) => walk.map(({ link }) => link.name).join(" ");
  return names(a) < names(b) ? -1 : 1;
}
