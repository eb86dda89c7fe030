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
  readonly lists: readonly (LocalTraffic & { readonly list: string })[];
  readonly uplinks: readonly (LocalTraffic & { readonly uplink: string | null; readonly ifindex: number })[];
  /** Packets by exit of the programs, zero ones included. */
  readonly reasons: readonly {
    readonly reason: string;
    readonly direction: "egress" | "ingress";
    readonly outcome: string;
    readonly meaning: string;
    readonly packets: string;
  }[];
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
}

/** Reads all counters once. */
export function localCounters({ instance, plane, names, links, meaningOf }: CounterFacts): LocalCounters {
  return {
    instance,
    policies: byName(plane.policyCounters(), names).map(([policy, legs]) => ({
      policy,
      ...traffic(sum(legs)),
      candidates: legs.map(traffic),
    })),
    lists: byName(plane.observeLists(), names).map(([list, seen]) => ({ list, ...traffic(seen) })),
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
