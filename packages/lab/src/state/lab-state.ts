import type { FlexibleAlgorithm } from "@sextant/model";
import type { ProcessIdentity } from "../kernel/processes";
import type { LinkSettings } from "../network/link-settings";
import type { DelayBackend } from "../network/wire-lines";
import { readLabFile, writeLabFile } from "./directory";

/** What a lab is made of; written before anything is made, so that a crashed run can be cleaned up. */
export interface LabState {
  readonly name: string;
  /** `starting` until everything is there: found without a running `up`, it is a leftover. */
  readonly phase: "starting" | "running";
  readonly createdAt: string;
  readonly topologyFile: string;
  readonly topologyText: string;
  /** Given to agents. */
  readonly signingKeysFile: string | undefined;
  readonly delayBackend: DelayBackend;
  readonly cgroupRoot: string;
  /** The command that daemons are started with, for example `["/usr/bin/node", "/opt/sextant/main.js"]`. */
  readonly sextantCommand: readonly string[];
  /** Processes that serve the network itself. */
  readonly supervisor: ProcessIdentity | undefined;
  readonly delayLine: ProcessIdentity | undefined;
}

/** What can change while the lab runs. */
export interface LabSettings {
  readonly igpDelayMs: number;
  /** How flexible algorithms are defined at the moment. */
  readonly algorithms: readonly FlexibleAlgorithm[];
  readonly links: Readonly<Record<string, LinkSettings>>;
}

/** Daemons of the product that run in the lab: the controller, and agents by host. */
export interface LabDaemons {
  readonly controller: ProcessIdentity | undefined;
  readonly agents: Readonly<Record<string, ProcessIdentity>>;
}

const NO_DAEMONS: LabDaemons = { controller: undefined, agents: {} };

export const readLabState = (lab: string): LabState | undefined =>
  readLabFile(lab, "state.json") as LabState | undefined;
export const writeLabState = (state: LabState): void => writeLabFile(state.name, "state.json", state);

export const readLabSettings = (lab: string): LabSettings | undefined =>
  readLabFile(lab, "settings.json") as LabSettings | undefined;
export const writeLabSettings = (lab: string, settings: LabSettings): void =>
  writeLabFile(lab, "settings.json", settings);

export const readLabDaemons = (lab: string): LabDaemons =>
  (readLabFile(lab, "daemons.json") as LabDaemons | undefined) ?? NO_DAEMONS;
export const writeLabDaemons = (lab: string, daemons: LabDaemons): void => writeLabFile(lab, "daemons.json", daemons);
