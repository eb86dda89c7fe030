import type { Endpoints } from "./list-prices";
import type { Working } from "./problem";

/** Where demands end, and routers as midpoints: those that much capacity leads to first. */
export function endpointsOf({ ecmp: { network }, demands, movable }: Working): Endpoints {
  const capacity = new Float64Array(network.nodeNames.length);
  network.linkTo.forEach((node, link) => {
    capacity[node] = (capacity[node] as number) + (network.capacityMbps[link] as number);
  });
  const routers = network.nodeNames.map((_, node) => node).filter((node) => network.isHost[node] === 0);
  routers.sort((a, b) => (capacity[b] as number) - (capacity[a] as number) || a - b);
  return { targets: [...new Set(movable.map((demand) => demands.to[demand] as number))], midpoints: routers };
}
