import {
  type FieldPath,
  formatPath,
  type Issue,
  MAX_FILE_CHARACTERS,
  readYaml,
  type SourcePosition,
  toIssues,
} from "@sextant/model";
import { z } from "zod";
import type { DemandSet } from "./demands";
import type { PlacementNetwork } from "./network";
import { MAX_LISTS, PLAIN, type Placement, type WeightedList } from "./placement";

const MAX_WEIGHT = 1_000_000;
const MAX_MIDPOINTS = 15;
const MAX_LINKS = 4_096;

const schema = z.object({
  lists: z.array(
    z.object({
      demand: z.string(),
      lists: z
        .array(
          z
            .object({
              weight: z.int().min(1).max(MAX_WEIGHT),
              midpoints: z.array(z.string()).max(MAX_MIDPOINTS).optional(),
              links: z.array(z.string()).max(MAX_LINKS).optional(),
            })
            .refine(({ midpoints, links }) => (midpoints === undefined) !== (links === undefined), {
              error: "needs midpoints or links, and not both",
            }),
        )
        .max(MAX_LISTS),
    }),
  ),
});

/**
 * The placement that `sextant place -o json` printed earlier, for these demands: by their names, those that are new plainly. Demands that
 * have gone are passed over; a node that has gone is an issue, and so is a demand that is there twice.
 */
export function placementFromJson(
  file: string,
  text: string,
  network: PlacementNetwork,
  demands: DemandSet,
): { readonly placement: Placement } | { readonly issues: readonly Issue[] } {
  const value = parseJson(text);
  if (value === undefined) return { issues: [noJson(file, text)] };
  const read = schema.safeParse(value, { reportInput: true });
  if (!read.success) {
    const locate = locator(file, text);
    return { issues: read.error.issues.flatMap((issue) => toIssues(issue, [], locate)) };
  }
  const found: Fault[] = [];
  const names = new Names(network, found);
  const known = new Map<string, WeightedList[]>();
  read.data.lists.forEach(({ demand, lists }, i) => {
    const named = lists.map(({ weight, midpoints = [], links }, j) => {
      const at = ["lists", i, "lists", j];
      const list = { weight, midpoints: midpoints.map((name, k) => names.router(name, [...at, "midpoints", k])) };
      return links === undefined
        ? list
        : { ...list, links: links.map((name, k) => names.link(name, [...at, "links", k])) };
    });
    if (known.has(demand)) {
      found.push({ code: "duplicate", path: ["lists", i, "demand"], message: `demand "${demand}" is there twice` });
    }
    known.set(demand, named);
  });
  if (found.length > 0) {
    const locate = locator(file, text);
    return { issues: found.map((fault) => ({ ...fault, path: formatPath(fault.path), at: locate(fault.path) })) };
  }
  return { placement: demands.names.map((name) => known.get(name) ?? PLAIN) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Fault extends Pick<Issue, "code" | "message"> {
  readonly path: FieldPath;
}

/** What a file calls things, by index; faults are noted where there is no such thing. */
class Names {
  readonly #nodes: ReadonlyMap<string, number>;
  readonly #links: ReadonlyMap<string, number>;

  constructor(
    private readonly network: PlacementNetwork,
    private readonly found: Fault[],
  ) {
    this.#nodes = new Map(network.nodeNames.map((name, i) => [name, i]));
    this.#links = new Map(network.linkNames.map((name, i) => [name, i]));
  }

  router(name: string, path: FieldPath): number {
    const node = this.#nodes.get(name);
    if (node !== undefined && this.network.isHost[node] === 0) return node;
    return this.#none(path, `there is no router "${name}" in the topology`);
  }

  link(name: string, path: FieldPath): number {
    return this.#links.get(name) ?? this.#none(path, `there is no link "${name}" in the topology`);
  }

  #none(path: FieldPath, message: string): number {
    this.found.push({ code: "unknown_reference", path, message });
    return 0;
  }
}

/** JSON is YAML, whose reader knows where things are. It is slower, and only asked when something is wrong. */
function locator(file: string, text: string): (path: FieldPath) => SourcePosition {
  const [source] = text.length > MAX_FILE_CHARACTERS ? [] : readYaml(file, text);
  return source?.locate ?? (() => ({ file, line: 1, column: 1 }));
}

function noJson(file: string, text: string): Issue {
  const [source] = text.length > MAX_FILE_CHARACTERS ? [] : readYaml(file, text);
  const [fault] = source?.issues ?? [];
  return { code: "invalid_value", path: "", message: "is no JSON", at: fault?.at ?? { file, line: 1, column: 1 } };
}
