import { type DemandsDocument, didYouMean, formatPath, type Issue } from "@sextant/model";
import { buildDemands, type Demand, type DemandSet } from "./demands";
import type { PlacementNetwork } from "./network";

/** The demands of documents, their nodes looked up in the network; every problem at once. */
export function demandsFromDocuments(
  documents: readonly DemandsDocument[],
  network: PlacementNetwork,
): DemandSet | { readonly issues: readonly Issue[] } {
  const index = new Map(network.nodeNames.map((name, i) => [name, i]));
  const issues: Issue[] = [];
  const seen = new Set<string>();
  const demands: Demand[] = [];
  for (const { spec, locate } of documents) {
    spec.demands.forEach(({ name, from, to, mbps }, i) => {
      const path = ["spec", "demands", i];
      const report = (code: Issue["code"], field: readonly string[], message: string) =>
        issues.push({ code, path: formatPath([...path, ...field]), message, at: locate([...path, ...field]) });
      const ends = (["from", "to"] as const).map((end) => {
        const node = end === "from" ? from : to;
        const found = index.get(node);
        if (found === undefined) {
          report("unknown_reference", [end], `there is no node "${node}"${didYouMean(node, index.keys())}`);
        }
        return found ?? 0;
      });
      const shown = name ?? `${from}-${to}`;
      if (seen.has(shown)) {
        const advice = name === undefined ? ": demands between the same nodes need names" : "";
        report("duplicate", name === undefined ? [] : ["name"], `demand "${shown}" is there twice${advice}`);
      }
      seen.add(shown);
      demands.push({ name: shown, from: ends[0] ?? 0, to: ends[1] ?? 0, mbps });
    });
  }
  return issues.length > 0 ? { issues } : buildDemands(demands);
}
