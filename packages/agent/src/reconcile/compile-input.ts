import type { DataPlane, KernelKey } from "./data-plane";
import type { Environment } from "./environment";
import type { Held } from "./held-entry";
import type { KernelState } from "./kernel-state";

/** Writes that the kernel refused for want of room; compiled around, and tried again at the next reconciliation. */
export interface Refused {
  /** Each with the sentence that says where there was no room. */
  readonly lists: ReadonlyMap<KernelKey, string>;
  readonly policies: ReadonlyMap<KernelKey, string>;
  readonly destinations: ReadonlyMap<string, string>;
  readonly domain: string | undefined;
}

export interface CompileInput {
  readonly held: Held;
  readonly probeMultiplier: number;
  readonly term: bigint;
  readonly limits: DataPlane["limits"];
  readonly features: DataPlane["features"];
  readonly environment: Environment;
  /** What the kernel holds: next hops and secrets of known lists are kept. */
  readonly current: KernelState;
  readonly refused: Refused;
  readonly newNonce: () => bigint;
}
