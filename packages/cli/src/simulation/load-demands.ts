import type { TopologySnapshot, TrafficDemand } from "@sextant/controller";
import { didYouMean, type Issue, parseDemandsDocuments, SextantError } from "@sextant/model";
import { demandsFromDocuments } from "@sextant/placement";
import { readSources } from "../read-sources";

export type LoadedDemands = { readonly issues: readonly Issue[] } | { readonly demands: readonly TrafficDemand[] };

/** Demands of all files together, between nodes of the network. Throws SextantError `invalid_argument` for files that cannot be read. */
export function loadDemands(files: readonly string[], { topology }: TopologySnapshot): LoadedDemands {
  const parsed = readSources(files).map(({ name, content }) => parseDemandsDocuments(name, content));
  const issues = parsed.flatMap((each) => each.issues);
  if (issues.length > 0) return { issues };
  const nodeNames = topology.nodes.map(({ name }) => name);
  const set = demandsFromDocuments(
    parsed.flatMap(({ documents }) => documents),
    { nodeNames },
  );
  if ("issues" in set) return set;
  const node = (index: number | undefined) => nodeNames[index ?? -1] ?? "";
  const { from, to, mbps } = set;
  return { demands: set.names.map((name, i) => ({ name, from: node(from[i]), to: node(to[i]), mbps: mbps[i] ?? 0 })) };
}

/** The demands after some come, and replace those of their names, and others go. Throws SextantError `not_found` for a name that is not there. */
export function changedDemands(
  before: readonly TrafficDemand[],
  add: readonly TrafficDemand[],
  remove: readonly string[],
): TrafficDemand[] {
  const byName = new Map([...before, ...add].map((demand) => [demand.name, demand]));
  for (const name of remove) {
    if (!byName.has(name))
      throw new SextantError("not_found", `there is no demand "${name}"${didYouMean(name, byName.keys())}`);
  }
  return [...byName.values()].filter(({ name }) => !remove.includes(name));
}
