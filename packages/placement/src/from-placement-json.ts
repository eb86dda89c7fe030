import { formatPath, type Issue, type SourcePosition } from "@sextant/model";
import { z } from "zod";
import type { DemandSet } from "./demands";
import type { PlacementNetwork } from "./network";
import { MAX_LISTS, PLAIN, type Placement, type WeightedList } from "./placement";

const MAX_WEIGHT = 1_000_000;
const MAX_MIDPOINTS = 15;

const schema = z.object({
  lists: z.array(
    z.object({
      demand: z.string(),
      lists: z
        .array(
          z.object({
            weight: z.int().min(1).max(MAX_WEIGHT),
            midpoints: z.array(z.string()).max(MAX_MIDPOINTS),
          }),
        )
        .max(MAX_LISTS),
    }),
  ),
});

/**
 * The placement that `sextant place -o json` printed earlier, for these demands: by their names, those that are new plainly. Demands that
 * have gone are passed over; a node that has gone is an issue.
 */
export function placementFromJson(
  file: string,
  text: string,
  network: PlacementNetwork,
  demands: DemandSet,
): { readonly placement: Placement } | { readonly issues: readonly Issue[] } {
  const at: SourcePosition = { file, line: 1, column: 1 };
  const value = parseJson(text);
  if (value === undefined) return { issues: [{ code: "invalid_value", path: "", message: "is no JSON", at }] };
  const read = schema.safeParse(value);
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }): Issue => {
      return { code: "invalid_value", path: formatPath(path.filter((key) => typeof key !== "symbol")), message, at };
    });
    return { issues };
  }
  const index = new Map(network.nodeNames.map((name, i) => [name, i]));
  const issues: Issue[] = [];
  const known = new Map<string, WeightedList[]>();
  read.data.lists.forEach(({ demand, lists }, i) => {
    const named = lists.map(({ weight, midpoints }, j) => ({
      weight,
      midpoints: midpoints.map((name, k) => {
        const node = index.get(name);
        if (node !== undefined && network.isHost[node] === 0) return node;
        const path = formatPath(["lists", i, "lists", j, "midpoints", k]);
        issues.push({ code: "unknown_reference", path, message: `there is no router "${name}" in the topology`, at });
        return 0;
      }),
    }));
    known.set(demand, named);
  });
  if (issues.length > 0) return { issues };
  return { placement: demands.names.map((name) => known.get(name) ?? PLAIN) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
