/** One direction of a link as an importer read it; nodes by index. */
export interface NetworkLink {
  /** Unique; how people and placements call it. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** IGP metric, a whole number from 0. */
  readonly igp: number;
  /** Above 0. */
  readonly capacityMbps: number;
}

export interface NetworkNode {
  readonly name: string;
  /** A leaf: paths begin and end there and never cross it. */
  readonly isHost: boolean;
}

/** A network as typed arrays, for placement. Links are directed here. */
export interface PlacementNetwork {
  readonly nodeNames: readonly string[];
  readonly linkNames: readonly string[];
  readonly isHost: Uint8Array;
  readonly linkFrom: Int32Array;
  readonly linkTo: Int32Array;
  readonly igp: Float64Array;
  readonly capacityMbps: Float64Array;
  /** Links that leave node v are `outLinks[outStart[v]]` to `outLinks[outStart[v + 1] - 1]`. */
  readonly outStart: Int32Array;
  readonly outLinks: Int32Array;
  readonly inStart: Int32Array;
  readonly inLinks: Int32Array;
}

/** Lays nodes and links out; indices are positions in the arguments. */
export function buildNetwork(nodes: readonly NetworkNode[], links: readonly NetworkLink[]): PlacementNetwork {
  const linkFrom = Int32Array.from(links, ({ from }) => from);
  const linkTo = Int32Array.from(links, ({ to }) => to);
  const out = groupBy(linkFrom, nodes.length);
  const into = groupBy(linkTo, nodes.length);
  return {
    nodeNames: nodes.map(({ name }) => name),
    linkNames: links.map(({ name }) => name),
    isHost: Uint8Array.from(nodes, ({ isHost }) => (isHost ? 1 : 0)),
    linkFrom,
    linkTo,
    igp: Float64Array.from(links, ({ igp }) => igp),
    capacityMbps: Float64Array.from(links, ({ capacityMbps }) => capacityMbps),
    outStart: out.start,
    outLinks: out.order,
    inStart: into.start,
    inLinks: into.order,
  };
}

/** Counting sort of indices by key; those of one key stay in order. */
export function groupBy(keys: Int32Array, count: number): { readonly start: Int32Array; readonly order: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const key of keys) start[key + 1] = (start[key + 1] as number) + 1;
  for (let i = 0; i < count; i++) start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const next = start.slice();
  const order = new Int32Array(keys.length);
  keys.forEach((key, item) => {
    const slot = next[key] as number;
    order[slot] = item;
    next[key] = slot + 1;
  });
  return { start, order };
}
