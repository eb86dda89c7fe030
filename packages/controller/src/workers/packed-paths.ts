import type { Intent } from "@sextant/model";
import { pairsOf, unknownHosts } from "../compute/endpoints";
import { keepWayBackBetween, wayBackBetween } from "../compute/other-way-back";
import { edgesAlong, pathAlong } from "../compute/path-edges";
import type { ComputedIntent, ComputedPath, ComputedPolicy, SharedPath } from "../pipeline/compute";
import type { TopologySnapshot } from "../topology/snapshot";

interface PackedPath {
  readonly edges: readonly number[];
  /** Another way back, between the routers: stage encode would search for it. */
  readonly wayBack: readonly number[];
  readonly weight: number;
  readonly exact: boolean;
}

interface PackedCandidate extends PackedPath {
  readonly preference: number;
  readonly beside: readonly PackedPath[];
}

type PackedPolicy = Pick<ComputedPolicy, "noPath" | "protection"> & { readonly candidates: readonly PackedCandidate[] };

/**
 * What stage compute made of an intent, small enough to be handed from thread to thread: paths are the numbers of their edges, which are the same in every snapshot of
 * one topology, and names stay where they are.
 */
export type PackedIntent = readonly PackedPolicy[];

/** The policies in the order of the intent's pairs. */
export function packIntent({ policies }: ComputedIntent, { flat }: TopologySnapshot): PackedIntent {
  const pack = (path: SharedPath): PackedPath => {
    const edges = edgesAlong(flat, path);
    return { edges, wayBack: wayBackBetween(flat, edges), weight: path.weight, exact: path.exact };
  };
  return policies.map(({ candidates, noPath, protection }) => ({
    candidates: candidates.map((path) => ({
      ...pack(path),
      preference: path.preference,
      beside: path.beside.map(pack),
    })),
    noPath,
    protection,
  }));
}

/** The same as `compute` made of the intent; other ways back are kept for stage encode. Throws RangeError when it was another intent. */
export function unpackIntent(packed: PackedIntent, intent: Intent, snapshot: TopologySnapshot): ComputedIntent {
  const pairs = pairsOf(intent, snapshot);
  if (pairs.length !== packed.length) throw new RangeError(`${pairs.length} pairs, ${packed.length} policies`);
  const unpack = ({ edges, wayBack, weight, exact }: PackedPath): SharedPath => {
    keepWayBackBetween(snapshot.flat, edges, wayBack);
    return { ...pathAlong(snapshot.flat, edges), exact, weight };
  };
  const policies = packed.map(({ candidates, noPath, protection }, i) => ({
    ...(pairs[i] as (typeof pairs)[number]),
    candidates: candidates.map((path): ComputedPath => {
      return { preference: path.preference, ...unpack(path), beside: path.beside.map(unpack) };
    }),
    noPath,
    protection,
  }));
  return { policies, unknownSources: unknownHosts(intent.from.hosts, snapshot) };
}
