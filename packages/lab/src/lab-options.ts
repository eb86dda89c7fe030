import { SextantError } from "@sextant/model";
import type { EmulationOptions } from "./network/link-settings";

export const DEFAULT_IGP_DELAY_MS = 500;
export const MAX_IGP_DELAY_MS = 600_000;

/** How a lab is to be. */
export interface LabUpOptions {
  /** File with one Topology document. */
  readonly topologyFile: string;
  /** Short name, see `labName`; fitted from the topology's name by default. */
  readonly name?: string | undefined;
  /** Time from loss of carrier to new routes; default 500. */
  readonly igpDelayMs?: number | undefined;
  /** What of the topology's numbers is emulated; delay and loss are, capacity is not, unless said otherwise. */
  readonly emulate?: Partial<EmulationOptions> | undefined;
  /** How to run the `sextant` command; needed to start daemons. */
  readonly sextantCommand?: readonly string[] | undefined;
  /** Starts a controller, and an agent on every host; needs `sextantCommand`. */
  readonly daemons?: boolean | undefined;
  /** Controller and agents serve /metrics on the management network, port 9464; needs `daemons`. */
  readonly metrics?: boolean | undefined;
  /** An agent's file of signing keys: every node gets them, routers accept signed segment lists alone, agents sign. */
  readonly signingKeys?: string | undefined;
  /** Told what is being done. */
  readonly onProgress?: ((step: string) => void) | undefined;
  /** Aborting it ends `up` and removes what there is so far. */
  readonly signal?: AbortSignal | undefined;
}

/** Numbers emulated unless told otherwise. Capacity is not: backbones have more of it than the machine. */
export const DEFAULT_EMULATION: EmulationOptions = { delay: true, loss: true, capacity: false };

/** What an `up` ends with that was told to. */
export function interrupted(): SextantError {
  return new SextantError("lab_failed", "interrupted: everything was removed again");
}

/** Throws `interrupted` once the signal has been given. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interrupted();
}
