import type { Sid } from "@sextant/model";
import type { CgroupId } from "./compile-destinations";
import type { DataPlane, KernelKey, NextHop } from "./data-plane";
import type { Held } from "./held-entry";
import type { KernelState } from "./kernel-state";

/** What desired state means on this host right now: looked up before compiling, so that compiling is pure. */
export interface Environment {
  /** Undefined while no uplink has a route to the segment. */
  readonly nextHopOf: (segment: Sid) => NextHop | undefined;
  /** Undefined while the cgroup does not exist. */
  readonly cgroupOf: (path: string) => CgroupId | undefined;
}

/** Writes that the kernel refused for want of room; compiled around, and tried again at the next reconciliation. */
export interface Refused {
  readonly lists: ReadonlySet<KernelKey>;
  readonly policies: ReadonlySet<KernelKey>;
  readonly destinations: ReadonlySet<string>;
  readonly domain: boolean;
}

export interface CompileInput {
  readonly held: Held;
  readonly probeMultiplier: number;
  readonly term: bigint;
  readonly limits: DataPlane["limits"];
  readonly environment: Environment;
  /** What the kernel holds: next hops and secrets of known lists are kept. */
  readonly current: KernelState;
  readonly refused: Refused;
  readonly newNonce: () => bigint;
}
