import type { Topology } from "@sextant/model";
import { topologyOf } from "../support/network";

/** Numbers in [0, 1) that look random and are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface NetworkSize {
  readonly routers: number;
  readonly hosts: number;
  readonly chords: number;
  readonly seed: number;
}

/**
 * A ring of `routers` with as many chords between random routers: two links, so four directed ones, per router. Metrics are
 * random and the same both ways, and every tenth chord has the affinity `leased`. Each of the `hosts`, h0 and so on, is attached to a
 * router of its own choice.
 */
export function generatedNetwork(routers: number, hosts: number, seed = 1): Topology {
  const { nodes, links, ...more } = generatedSpec({ routers, hosts, chords: routers, seed });
  return topologyOf(nodes, links, more);
}

/** The same as it stands in a document, with as many chords as are wanted. */
export function generatedSpec({ routers, hosts, chords: count, seed }: NetworkSize) {
  const random = seededRandom(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const router = (i: number) => `r${i % routers}`;
  const link = (name: string, from: number, to: number) => {
    const delayUs = 100 + below(10_000);
    return { name, a: router(from), b: router(to), igp: 1 + below(100), te: 1 + below(100), delayUs };
  };
  const ring = Array.from({ length: routers }, (_, i) => link(`ring-${i}`, i, i + 1));
  const chords = Array.from({ length: count }, (_, i) => {
    const from = below(routers);
    const chord = link(`chord-${i}`, from, from + 2 + below(routers - 3));
    return i % 10 === 0 ? { ...chord, affinity: ["leased"] } : chord;
  });
  return {
    locatorBlock: "fcbb:bb00::/32",
    hostPrefixes: ["2001:db8::/32"],
    nodes: [
      ...Array.from({ length: routers }, (_, i) => ({ name: router(i), nodeId: i + 1 })),
      ...Array.from({ length: hosts }, (_, i) => ({
        name: `h${i}`,
        kind: "host",
        nodeId: routers + i + 1,
        attachedTo: [{ node: router(below(routers)), igp: 1, te: 1, delayUs: 50 }],
        addresses: [`2001:db8:${(i + 1).toString(16)}::1`],
      })),
    ],
    links: [...ring, ...chords],
  };
}
