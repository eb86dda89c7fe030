import type { FlatGraph } from "../topology/flat-graph";

/** A segment list that is probed, as the localiser sees it. */
export interface WatchedPath {
  /** Edges (directed links, by their index in the graph) that its probes cross, out and back. */
  readonly edges: ArrayLike<number>;
  readonly isDead: boolean;
}

/** What may have broken. */
export type Cause =
  /** Both directions, or nothing says that one of them works. */
  | { readonly kind: "link"; readonly link: number }
  /** One direction of a link whose other one is proved to work. */
  | { readonly kind: "direction"; readonly edge: number }
  /** All links of a shared-risk group. */
  | { readonly kind: "srlg"; readonly srlg: string };

export interface Suspect {
  readonly cause: Cause;
  /** Dead paths that it explains, of those that no finding before it did. */
  readonly explains: number;
  /** In (0, 1]: 1 where nothing else explains as much; shared among causes that cannot be told apart. */
  readonly confidence: number;
}

export interface Localisation {
  /** Broken, each the only best explanation. In falling number of dead paths explained. */
  readonly localised: readonly Suspect[];
  /** Several that explain the same: one of each set is broken. In falling confidence. */
  readonly suspected: readonly Suspect[];
  /** Dead paths all of whose links are proved to work by others: what broke is not a link, or has come back. */
  readonly unexplained: number;
}

const NONE_KNOWN: ReadonlySet<number> = new Set();

type Wiring = Pick<FlatGraph, "edgeLink" | "edgeReverse" | "linkEdge" | "srlgLinks">;

/**
 * Finds what broke from who can still reach whom. A dead path accuses all its edges, one that is alive acquits all of its own. Of what is
 * accused and not acquitted, the cause that explains most dead paths comes first, then what explains most of the rest, and so on: fewest
 * causes, greedily (the set-cover view of fault localisation by Kompella et al., "IP fault localization via risk modeling", NSDI 2005).
 * A group that shares a risk stands for its links only where it explains more than any one of them, and none of them is proved to work.
 * With one broken link, and states that are all true, whatever is localised is that link. Time O(edges on all paths x causes found).
 *
 * `known` are edges found broken before, whose paths are explained: of several causes that explain the same, the other direction of such an
 * edge is the one. Links break in both more often than two links do at a time; who saw the second direction has reported late.
 */
export function localise(
  paths: readonly WatchedPath[],
  wiring: Wiring,
  known: ReadonlySet<number> = NONE_KNOWN,
): Localisation {
  const acquitted = acquittedEdges(paths, wiring.edgeLink.length);
  const open = paths
    .filter(({ isDead }) => isDead)
    .map(({ edges }) => Array.from(edges).filter((edge) => acquitted[edge] === 0));
  const explainable = open.filter((edges) => edges.length > 0);
  const localised: Suspect[] = [];
  const suspected: Suspect[] = [];
  for (let rest = explainable; rest.length > 0; ) {
    const best = preferred(bestCauses(rest, acquitted, wiring), known, wiring);
    const [first] = best;
    if (first === undefined) break;
    const found = best.map(({ cause, paths: explained }) => ({
      cause,
      explains: explained.size,
      confidence: 1 / best.length,
    }));
    (best.length === 1 ? localised : suspected).push(...found);
    // Causes that tie are of one set where they share a path; what shares none is looked at in the next turn.
    rest = rest.filter((_edges, path) => !best.some(({ paths: explained }) => explained.has(path)));
  }
  return { localised, suspected, unexplained: open.length - explainable.length };
}

interface Explanation {
  readonly cause: Cause;
  /** Indices of the dead paths. */
  readonly paths: ReadonlySet<number>;
}

/** Of causes that explain the same, the only one that is the other direction of a known edge; all of them where there are none or several. */
function preferred(best: readonly Explanation[], known: ReadonlySet<number>, wiring: Wiring): readonly Explanation[] {
  const halves = best.filter(({ cause }) => isOtherHalf(cause, known, wiring));
  return halves.length === 1 ? halves : best;
}

function isOtherHalf(cause: Cause, known: ReadonlySet<number>, { linkEdge, edgeReverse }: Wiring): boolean {
  switch (cause.kind) {
    case "direction":
      return known.has(edgeReverse[cause.edge] as number);
    case "link": {
      const edge = linkEdge[cause.link] as number;
      return known.has(edge) || known.has(edgeReverse[edge] as number);
    }
    case "srlg":
      return false;
  }
}

function acquittedEdges(paths: readonly WatchedPath[], edgeCount: number): Uint8Array {
  const acquitted = new Uint8Array(edgeCount);
  for (const { edges, isDead } of paths) {
    if (isDead) continue;
    for (let i = 0; i < edges.length; i++) acquitted[edges[i] as number] = 1;
  }
  return acquitted;
}

/** The causes that explain the most of these paths and share paths with the first of them. */
function bestCauses(dead: readonly (readonly number[])[], acquitted: Uint8Array, wiring: Wiring): Explanation[] {
  const byLink = new Map<number, Set<number>>();
  dead.forEach((edges, path) => {
    for (const edge of edges) setOf(byLink, wiring.edgeLink[edge] as number).add(path);
  });
  const links = [...byLink].map(([link, paths]) => ({ cause: causeOf(link, acquitted, wiring), paths }));
  const most = Math.max(...links.map(({ paths }) => paths.size));
  const groups = srlgCauses(byLink, acquitted, wiring).filter(({ paths }) => paths.size > most);
  const all = groups.length > 0 ? groups : links;
  const top = Math.max(...all.map(({ paths }) => paths.size));
  const best = all.filter(({ paths }) => paths.size === top);
  const [first] = best;
  return best.filter(({ paths }) => first !== undefined && [...paths].some((path) => first.paths.has(path)));
}

function causeOf(link: number, acquitted: Uint8Array, { linkEdge, edgeReverse }: Wiring): Cause {
  const edge = linkEdge[link] as number;
  const reverse = edgeReverse[edge] as number;
  if (acquitted[edge] === 1) return { kind: "direction", edge: reverse };
  if (acquitted[reverse] === 1) return { kind: "direction", edge };
  return { kind: "link", link };
}

/** Groups of which nothing works, with what all their links together explain. */
function srlgCauses(
  byLink: ReadonlyMap<number, ReadonlySet<number>>,
  acquitted: Uint8Array,
  { srlgLinks, linkEdge, edgeReverse }: Wiring,
): Explanation[] {
  const works = (link: number) => {
    const edge = linkEdge[link] as number;
    return acquitted[edge] === 1 || acquitted[edgeReverse[edge] as number] === 1;
  };
  return [...srlgLinks].flatMap(([srlg, links]) => {
    if (links.some(works)) return [];
    const paths = new Set(links.flatMap((link) => [...(byLink.get(link) ?? [])]));
    return paths.size === 0 ? [] : [{ cause: { kind: "srlg" as const, srlg }, paths }];
  });
}

function setOf(map: Map<number, Set<number>>, key: number): Set<number> {
  const kept = map.get(key);
  if (kept !== undefined) return kept;
  const made = new Set<number>();
  map.set(key, made);
  return made;
}
