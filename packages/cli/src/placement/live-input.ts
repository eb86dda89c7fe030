import { pairName, pairsOf } from "@sextant/controller";
import { SextantError } from "@sextant/model";
import { buildDemands, type Demand, networkFromTopology } from "@sextant/placement";
import { intentOf, measuredIn, snapshotOf } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import type { LoadedInput } from "./load-input";

/**
 * The network of a controller, and what its intents reserve: a demand for each policy that asks for bandwidth, measured ones as they were
 * measured last. Throws SextantError `not_found` when it has no topology.
 */
export async function livePlacementInput(client: OperatorClient): Promise<LoadedInput> {
  const [[topology], intents] = await Promise.all([client.get("Topology", []), client.get("Intent", [])]);
  if (topology === undefined) throw new SextantError("not_found", "the controller has no topology: apply one first");
  const snapshot = snapshotOf(topology);
  const network = networkFromTopology(snapshot.topology, `controller: Topology/${topology.name}`);
  if ("issues" in network) return network;
  const index = new Map(network.nodeNames.map((name, i) => [name, i]));
  const wanted = measuredIn(intents);
  const demands = intents.flatMap((resource) => {
    const intent = intentOf(resource);
    if (intent?.reservation === undefined) return [];
    return pairsOf(intent, snapshot).flatMap((pair): Demand[] => {
      const [from, to] = [index.get(pair.host), index.get(pair.egress ?? "")];
      if (from === undefined || to === undefined) return [];
      return [{ name: `${intent.name}: ${pairName(pair)}`, from, to, mbps: wanted(intent.name, pair) }];
    });
  });
  return { network, demands: buildDemands(demands) };
}
