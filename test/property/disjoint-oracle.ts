import { type Hop, hopsOf } from "./brute-force";
import type { RandomNetwork } from "./random-network";

export interface ProtectedQuestion {
  readonly objective: "delay" | "igp" | "te";
  readonly disjoint: "link" | "node" | "srlg";
  readonly backups: number;
  readonly maxDelayUs: number;
  readonly maxHops: number;
}

/** A path with what it must not share as bits, and what it costs. */
export interface KnownPath {
  readonly names: string;
  readonly linkBits: number;
  /** Nodes in between, or groups. */
  readonly otherBits: number;
  readonly cost: readonly number[];
}

/** Every path of the question that visits no node twice, exempt things left out of its bits. Written from the rules alone. */
export function allPaths(network: RandomNetwork, question: ProtectedQuestion): KnownPath[] {
  const found: (readonly Hop[])[] = [];
  const hops = hopsOf(network);
  const visit = (at: string, seen: readonly string[], walk: readonly Hop[]): void => {
    if (at === "h2") found.push(walk);
    else {
      for (const hop of hops) {
        if (hop.from !== at || seen.includes(hop.to)) continue;
        if (network.hosts.includes(hop.to) && hop.to !== "h2") continue;
        visit(hop.to, [...seen, hop.to], [...walk, hop]);
      }
    }
  };
  visit("h1", ["h1"], []);
  const known = found.map((walk) => knownPath(network, question, walk));
  return known.filter(({ cost }) => {
    const [, , hopCount = 0, delayNs = 0] = cost;
    return hopCount <= question.maxHops && delayNs <= Math.round(question.maxDelayUs * 1_000);
  });
}

/** Objective, IGP metric, hops; the delay comes along for the bound. */
function knownPath(
  network: RandomNetwork,
  { objective, disjoint }: ProtectedQuestion,
  walk: readonly Hop[],
): KnownPath {
  const sum = (value: (hop: Hop) => number) => walk.reduce((total, hop) => total + value(hop), 0);
  const delayNs = sum(({ link }) => Math.round(link.delayUs * 1_000));
  const igp = sum((hop) => hop.igp);
  const exempt = exemptOf(network);
  const bits = (all: readonly string[], own: readonly string[], free: readonly string[]) =>
    all.reduce((set, name, i) => (own.includes(name) && !free.includes(name) ? set | (1 << i) : set), 0);
  const links = network.links.map(({ name }) => name);
  const ownLinks = walk.map(({ link }) => link.name);
  const between = walk.slice(1).map(({ from }) => from);
  const groups = walk.flatMap(({ link }) => link.srlgs);
  const others = {
    link: 0,
    node: bits(network.routers, between, exempt.nodes),
    srlg: bits(["s1", "s2", "s3"], groups, exempt.srlgs),
  };
  return {
    names: ownLinks.join(" "),
    linkBits: bits(links, ownLinks, exempt.links),
    otherBits: others[disjoint],
    cost: [{ delay: delayNs, igp, te: sum(({ link }) => link.te) }[objective], igp, walk.length, delayNs],
  };
}

function exemptOf({ links }: RandomNetwork) {
  const ends = ["h1", "h2"].map((host) => links.filter(({ a }) => a === host));
  const only = ends.flatMap((access) => (access.length === 1 ? access : []));
  const nodes = ends.flatMap((access) => (new Set(access.map(({ b }) => b)).size === 1 ? [access[0]?.b ?? ""] : []));
  return { links: only.map(({ name }) => name), nodes, srlgs: only.flatMap(({ srlgs }) => srlgs) };
}

/** Shared links, other shared things, then objective, IGP metric and hops of all together. */
export function priceOf(paths: readonly KnownPath[], before: readonly KnownPath[] = []): number[] {
  let linksSeen = before.reduce((bits, path) => bits | path.linkBits, 0);
  let othersSeen = before.reduce((bits, path) => bits | path.otherBits, 0);
  let links = 0;
  let others = 0;
  for (const path of paths) {
    links |= linksSeen & path.linkBits;
    others |= othersSeen & path.otherBits;
    linksSeen |= path.linkBits;
    othersSeen |= path.otherBits;
  }
  const sums = [0, 1, 2].map((i) => paths.reduce((total, { cost }) => total + (cost[i] as number), 0));
  return [ones(links), ones(others), ...sums];
}

/** The lowest price of any set of so many different paths; undefined when there are not so many. */
export function cheapest(paths: readonly KnownPath[], count: number, isApart: boolean): number[] | undefined {
  let best: number[] | undefined;
  const visit = (from: number, set: readonly KnownPath[]): void => {
    if (set.length === count) {
      const price = priceOf(set);
      if (best === undefined || compare(price, best) < 0) best = price;
      return;
    }
    for (let i = from; i < paths.length; i++) {
      const path = paths[i] as KnownPath;
      const shares = set.some(
        (other) => (other.linkBits & path.linkBits) !== 0 || (other.otherBits & path.otherBits) !== 0,
      );
      if (!isApart || !shares) visit(i + 1, [...set, path]);
    }
  };
  visit(0, []);
  return best;
}

export function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

function ones(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + ones(bits >>> 1);
}
