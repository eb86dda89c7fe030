import { didYouMean, type Link, type LinkDirection, SextantError, type Topology } from "@sextant/model";
import { directedLinkOf } from "../topology/directed-link";
import { createSnapshot, type TopologySnapshot } from "../topology/snapshot";

/** Fields of a link that a change may set, in the units of their names. */
export const SETTABLE = ["igp", "te", "delayUs", "jitterUs", "lossPpm", "capacityMbps", "utilisationPercent"] as const;
export type Settable = (typeof SETTABLE)[number];

/** What can fail. */
export const FAILABLE = ["link", "node", "srlg"] as const;
export type Failable = (typeof FAILABLE)[number];

/** Something that might happen to a network. */
export type Change =
  /** A link, all links of a node, or all links of a shared-risk group go down. */
  | { readonly kind: "fail"; readonly what: Failable; readonly name: string }
  /** Nothing passes the node any more; what begins or ends there, or has no other way, still may. */
  | { readonly kind: "drain"; readonly name: string }
  /** Both directions of a link get another value. */
  | { readonly kind: "set"; readonly name: string; readonly field: Settable; readonly value: number };

/** `fail link a-b`, `drain node lon`, `set a-b igp=50`. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case "fail":
      return `fail ${change.what} ${change.name}`;
    case "drain":
      return `drain node ${change.name}`;
    case "set":
      return `set ${change.name} ${change.field}=${change.value}`;
  }
}

/** The network after changes. Throws SextantError `not_found` when it has nothing of a change's name. */
export function changedSnapshot(snapshot: TopologySnapshot, changes: readonly Change[]): TopologySnapshot {
  if (changes.length === 0) return snapshot;
  let { topology } = snapshot;
  for (const change of changes) topology = { ...topology, links: changedLinks(topology, change) };
  const drained = new Set(changes.flatMap((change) => (change.kind === "drain" ? change.name : [])));
  const isRouter = (name: string) => snapshot.nodes.get(name)?.kind === "router";
  // Kept off like links that observation found broken: they are used where nothing else leads to an end.
  const avoided = topology.links
    .filter(({ a, b }) => isRouter(a) && isRouter(b) && (drained.has(a) || drained.has(b)))
    .flatMap(({ name, a, b }) => [
      { link: name, from: a },
      { link: name, from: b },
    ]);
  const already = [...snapshot.unusable].map((edge) => directedLinkOf(snapshot.flat, edge));
  return createSnapshot(topology, snapshot.version + 1, [...already, ...avoided]);
}

/** Everything of a kind that could fail, by name in order; of nodes, the routers. Links that are down already are left out. */
export function failures({ topology }: TopologySnapshot, what: Failable): Change[] {
  const links = topology.links.filter(({ state }) => state === "up");
  const names = {
    link: links.map(({ name }) => name),
    node: topology.nodes.filter(({ kind }) => kind === "router").map(({ name }) => name),
    srlg: links.flatMap(({ srlgs }) => srlgs),
  }[what];
  return [...new Set(names)].sort().map((name) => ({ kind: "fail", what, name }));
}

function changedLinks(topology: Topology, change: Change): Link[] {
  const down = (isHit: (link: Link) => boolean) =>
    topology.links.map((link): Link => (isHit(link) ? { ...link, state: "down" } : link));
  switch (change.kind) {
    case "fail": {
      const { what, name } = change;
      expectKnown(topology, what, name);
      if (what === "link") return down((link) => link.name === name);
      if (what === "node") return down(({ a, b }) => a === name || b === name);
      return down(({ srlgs }) => srlgs.includes(name));
    }
    case "drain":
      expectKnown(topology, "node", change.name);
      return [...topology.links];
    case "set": {
      const { name, field, value } = change;
      expectKnown(topology, "link", name);
      const set = (direction: LinkDirection) => ({ ...direction, [field]: value });
      return topology.links.map((link) =>
        link.name === name ? { ...link, aToB: set(link.aToB), bToA: set(link.bToA) } : link,
      );
    }
  }
}

function expectKnown({ nodes, links }: Topology, what: Failable, name: string): void {
  const known = {
    link: links.map((link) => link.name),
    node: nodes.map((node) => node.name),
    srlg: links.flatMap(({ srlgs }) => srlgs),
  }[what];
  if (known.includes(name)) return;
  throw new SextantError("not_found", `the topology has no ${what} "${name}"${didYouMean(name, [...new Set(known)])}`);
}
