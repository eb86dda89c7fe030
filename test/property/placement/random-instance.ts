import { buildDemands, buildNetwork, type DemandSet, type PlacementNetwork } from "@sextant/placement";
import fc from "fast-check";

export interface Instance {
  readonly network: PlacementNetwork;
  readonly demands: DemandSet;
}

/** Small metrics collide often, so that there is much equal cost; zero is among them. */
const metric = fc.nat({ max: 3 });
const capacityMbps = fc.constantFrom(10, 20, 50, 100);

/** Directed multigraphs of 2 to 7 routers, with islands, parallel links and up to two hosts, and some demands between all of these. */
export function randomInstance(maxDemands = 12): fc.Arbitrary<Instance> {
  return fc.tuple(fc.integer({ min: 2, max: 7 }), fc.nat({ max: 2 })).chain(([routers, hosts]) => {
    const router = fc.nat({ max: routers - 1 });
    const node = fc.nat({ max: routers + hosts - 1 });
    const core = fc.array(fc.record({ from: router, to: router, igp: metric, capacityMbps }), {
      minLength: routers,
      maxLength: 4 * routers,
    });
    const access = fc.tuple(
      ...Array.from({ length: hosts }, (_, i) =>
        fc.record({ host: fc.constant(routers + i), router, igp: metric, capacityMbps }),
      ),
    );
    const demand = fc.record({ from: node, to: node, mbps: fc.nat({ max: 30 }) });
    return fc.tuple(core, access, fc.array(demand, { maxLength: maxDemands })).map(([inner, outer, wanted]) => {
      const links = [
        ...inner.filter(({ from, to }) => from !== to),
        ...outer.flatMap(({ host, router: at, ...rest }) => [
          { from: host, to: at, ...rest },
          { from: at, to: host, ...rest },
        ]),
      ];
      const nodes = Array.from({ length: routers + hosts }, (_, i) => ({ name: `n${i}`, isHost: i >= routers }));
      return {
        network: buildNetwork(
          nodes,
          links.map((link, i) => ({ name: `l${i}`, ...link })),
        ),
        demands: buildDemands(wanted.map((one, i) => ({ name: `d${i}`, ...one }))),
      };
    });
  });
}
