import { type DemandsDocument, didYouMean, firstIssues, formatPath, type Issue, MAX_ISSUES } from "@sextant/model";
import { buildDemands, type Demand, type DemandSet } from "./demands";
import type { PlacementNetwork } from "./network";

/** The demands of documents, their nodes looked up in the network; every problem at once. */
export function demandsFromDocuments(
  documents: readonly DemandsDocument[],
  network: Pick<PlacementNetwork, "nodeNames">,
): DemandSet | { readonly issues: readonly Issue[] } {
  const index = new Map(network.nodeNames.map((name, i) => [name, i]));
  const issues: Issue[] = [];
  const seen = new Set<string>();
  const demands: Demand[] = [];
  for (const { spec, locate } of documents) {
    spec.demands.forEach(({ name, from, to, mbps }, i) => {
      const path = ["spec", "demands", i];
      const report = (code: Issue["code"], field: readonly string[], message: () => string) => {
        if (issues.length > MAX_ISSUES) return;
        const whole = [...path, ...field];
        issues.push({ code, path: formatPath(whole), message: message(), at: locate(whole) });
      };
      const ends = (["from", "to"] as const).map((end) => {
        const node = end === "from" ? from : to;
        const found = index.get(node);
        if (found === undefined) {
          report("unknown_reference", [end], () => `there is no node "${node}"${didYouMean(node, index.keys())}`);
        }
        return found ?? 0;
      });
      const shown = name ?? `${from}-${to}`;
      if (seen.has(shown)) {
        const advice = name === undefined ? ": demands between the same nodes need names" : "";
        report("duplicate", name === undefined ? [] : ["name"], () => `demand "${shown}" is there twice${advice}`);
      }
      seen.add(shown);
      demands.push({ name: shown, from: ends[0] ?? 0, to: ends[1] ?? 0, mbps });
    });
  }
  return issues.length > 0 ? { issues: firstIssues(issues) } : buildDemands(demands);
}
