import { pairName, pairsOf } from "@sextant/controller";
import { SextantError } from "@sextant/model";
import {
  buildDemands,
  type Demand,
  networkFromTopology,
  PLAIN,
  type Placement,
  type WeightedList,
} from "@sextant/placement";
import { intentOf, measuredIn, snapshotOf } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import { intentStatusOf, type PolicyStatus } from "../status";
import type { Faulty, PlacementInput } from "./load-input";

/** What a controller has placed already. */
export interface LivePlacement extends PlacementInput {
  readonly start: Placement;
}

/**
 * The network of a controller, and what its intents reserve: a demand for each policy that asks for bandwidth, measured ones as they were
 * measured last, on the lists that carry it now. Throws SextantError `not_found` when it has no topology.
 */
export async function livePlacementInput(client: OperatorClient): Promise<LivePlacement | Faulty> {
  const [[topology], intents] = await Promise.all([client.get("Topology", []), client.get("Intent", [])]);
  if (topology === undefined) throw new SextantError("not_found", "the controller has no topology: apply one first");
  const snapshot = snapshotOf(topology);
  const network = networkFromTopology(snapshot.topology, `controller: Topology/${topology.name}`);
  if ("issues" in network) return network;
  const nodes = new Map(network.nodeNames.map((name, i) => [name, i]));
  const links = new Map(network.linkNames.map((name, i) => [name, i]));
  const wanted = measuredIn(intents);
  const found = intents.flatMap((resource) => {
    const intent = intentOf(resource);
    if (intent?.reservation === undefined) return [];
    const { policies } = intentStatusOf(resource);
    const policyOf = new Map(policies.map((policy) => [pairName(policy), policy]));
    return pairsOf(intent, snapshot).flatMap((pair): Placed[] => {
      const [from, to] = [nodes.get(pair.host), nodes.get(pair.egress ?? "")];
      if (from === undefined || to === undefined) return [];
      const name = pairName(pair);
      const demand = { name: `${intent.name}: ${name}`, from, to, mbps: wanted(intent.name, pair) };
      return [{ demand, lists: listsNow(policyOf.get(name), links) }];
    });
  });
  return {
    network,
    demands: buildDemands(found.map(({ demand }) => demand)),
    start: found.map(({ lists }) => lists),
  };
}

interface Placed {
  readonly demand: Demand;
  readonly lists: readonly WeightedList[];
}

/** The lists of the candidate in use: the one that its host reports, or else the first that fits a header. Plain routing where there is none. */
function listsNow(policy: PolicyStatus | undefined, links: ReadonlyMap<string, number>): readonly WeightedList[] {
  const candidates = policy?.candidates ?? [];
  const used = policy?.activeCandidate ?? candidates.findIndex(({ segmentLists }) => segmentLists.length > 0);
  const candidate = candidates[used];
  if (candidate === undefined || candidate.segmentLists.length === 0) return PLAIN;
  return candidate.segmentLists.map((list): WeightedList => {
    const nodes = list.nodes ?? candidate.nodes;
    const names = (list.links ?? candidate.links).map((link, i) => `${link}:${nodes[i] ?? ""}>${nodes[i + 1] ?? ""}`);
    // A link that is not there any more leads nowhere.
    return { weight: list.weight, midpoints: [], links: names.map((name) => links.get(name) ?? -1) };
  });
}
