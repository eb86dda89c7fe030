import { bounded } from "../kernel/bounded";
import type { LabPlan } from "../plan";
import { type InterfaceCounters, readInterfaces } from "./read-interfaces";

/** What one end of a link has seen, at the node's own interface. */
export interface LinkEndCounters extends InterfaceCounters {
  readonly node: string;
  readonly interfaceName: string;
}

/** Counters of both ends of a link. What a receives is what b sent and the link did not lose. */
export interface LinkCounters {
  readonly a: LinkEndCounters;
  readonly b: LinkEndCounters;
}

const NOTHING: InterfaceCounters = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 };

/** Kernel counters of every link by name: one short process per node. */
export async function readLinkCounters(plan: LabPlan): Promise<ReadonlyMap<string, LinkCounters>> {
  const nodes = [...plan.nodes.values()];
  const interfaces = new Map(
    await bounded(nodes, async ({ node, namespace }) => [node.name, await readInterfaces(namespace)] as const),
  );
  return new Map(
    [...plan.links].map(([name, { a, b }]) => {
      const [atA, atB] = [a, b].map(({ node, interfaceName }): LinkEndCounters => {
        const counters = interfaces.get(node)?.get(interfaceName)?.counters ?? NOTHING;
        return { node, interfaceName, ...counters };
      }) as [LinkEndCounters, LinkEndCounters];
      return [name, { a: atA, b: atB }];
    }),
  );
}

/** What was counted between two readings. */
export function counterDifference(
  before: ReadonlyMap<string, LinkCounters>,
  after: ReadonlyMap<string, LinkCounters>,
): ReadonlyMap<string, LinkCounters> {
  const subtract = (now: LinkEndCounters, then: LinkEndCounters | undefined): LinkEndCounters => ({
    node: now.node,
    interfaceName: now.interfaceName,
    rxPackets: now.rxPackets - (then?.rxPackets ?? 0),
    rxBytes: now.rxBytes - (then?.rxBytes ?? 0),
    txPackets: now.txPackets - (then?.txPackets ?? 0),
    txBytes: now.txBytes - (then?.txBytes ?? 0),
  });
  return new Map(
    [...after].map(([name, { a, b }]) => {
      const then = before.get(name);
      return [name, { a: subtract(a, then?.a), b: subtract(b, then?.b) }];
    }),
  );
}
