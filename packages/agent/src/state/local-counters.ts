import type { DataPlane, KernelKey, Traffic } from "../reconcile/data-plane";
import type { InterfaceNames } from "./interface-names";
import type { KernelNames } from "./kernel-names";

/** Steered traffic; decimal text, as these exceed what JSON numbers hold exactly. */
export interface LocalTraffic {
  readonly packets: string;
  readonly bytes: string;
}

/** Everything that the packet path has counted since its maps were made. Read without stopping traffic. */
export interface LocalCounters {
  readonly instance: string;
  readonly policies: readonly (LocalTraffic & {
    readonly policy: string;
    /** In order of preference. */
    readonly candidates: readonly LocalTraffic[];
  })[];
  readonly lists: readonly (LocalTraffic & {
    readonly list: string;
    /** TCP flows that left it, because nothing that they sent was acknowledged. */
    readonly tcpMoves: string;
  })[];
  readonly uplinks: readonly (LocalTraffic & { readonly uplink: string | null; readonly ifindex: number })[];
  /** Packets by exit of the programs, zero ones included. */
  readonly reasons: readonly {
    readonly reason: string;
    readonly direction: "egress" | "ingress";
    readonly outcome: string;
    readonly meaning: string;
    readonly packets: string;
  }[];
  /** TCP flows whose bytes were not acknowledged, by what became of them, zero ones included. */
  readonly flows: readonly { readonly event: string; readonly meaning: string; readonly flows: string }[];
}

/** What each exit of the programs means, by its name. */
export type ReasonMeanings = (
  reason: string,
) => Pick<LocalCounters["reasons"][number], "direction" | "outcome" | "meaning">;

export interface CounterFacts {
  readonly instance: string;
  readonly plane: DataPlane;
  readonly names: KernelNames;
  readonly links: InterfaceNames;
  readonly meaningOf: ReasonMeanings;
  readonly meaningOfEvent: (event: string) => string;
}

/** Reads all counters once. */
export function localCounters(facts: CounterFacts): LocalCounters {
  const { instance, plane, names, links, meaningOf, meaningOfEvent } = facts;
  const moves = new Map(byName(plane.flowMoves(), names));
  return {
    instance,
    policies: byName(plane.policyCounters(), names).map(([policy, legs]) => ({
      policy,
      ...traffic(sum(legs)),
      candidates: legs.map(traffic),
    })),
    lists: byName(plane.observeLists(), names).map(([list, seen]) => {
      return { list, ...traffic(seen), tcpMoves: String(moves.get(list) ?? 0n) };
    }),
    uplinks: [...plane.uplinkCounters()].map(([ifindex, counted]) => ({
      uplink: links.get(ifindex) ?? null,
      ifindex,
      ...traffic(counted),
    })),
    reasons: [...plane.reasons()].map(([reason, packets]) => ({
      reason,
      ...meaningOf(reason),
      packets: String(packets),
    })),
    flows: [...plane.flowEvents()].map(([event, flows]) => {
      return { event, meaning: meaningOfEvent(event), flows: String(flows) };
    }),
  };
}

function byName<T>(counted: ReadonlyMap<KernelKey, T>, names: KernelNames): [string, T][] {
  return [...counted].map(([key, value]): [string, T] => [names.of(key), value]).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sum(all: readonly Traffic[]): Traffic {
  const add = (a: Traffic, b: Traffic) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes });
  return all.reduce(add, { packets: 0n, bytes: 0n });
}

function traffic({ packets, bytes }: Traffic): LocalTraffic {
  return { packets: String(packets), bytes: String(bytes) };
}
