import { rm } from "node:fs/promises";
import { SextantError } from "@sextant/model";
import { KernelDataPlane } from "./bpf/kernel-data-plane";
import { DEFAULT_STATE_DIR, instanceName } from "./config";
import { decodeHostState } from "./state/host-state";
import { lockInstance, lockPath, MACHINE_LOCKS, runningAgent } from "./state/instance-lock";
import { type LocalStatus, localStatus } from "./state/local-status";
import { StateFile, statePath } from "./state/state-file";

export interface LocalOptions {
  readonly instance: string;
  readonly stateDir?: string | undefined;
}

/**
 * What an instance does on this host, read from kernel and disk, so it works with the agent dead too. Run it in the
 * instance's network namespace. Throws SextantError `not_found` when there is neither pin nor state, `missing_privilege`.
 */
export async function agentStatus(options: LocalOptions): Promise<LocalStatus> {
  const instance = instanceName(options.instance);
  const stateDir = options.stateDir ?? DEFAULT_STATE_DIR;
  const stored = await new StateFile(statePath(stateDir, instance)).read();
  const plane = KernelDataPlane.view(instance);
  if (plane === undefined && stored.kind === "absent") {
    throw new SextantError("not_found", `no agent has run as instance ${instance} on this host (state in ${stateDir})`);
  }
  try {
    const state = stored.kind === "intact" ? decodeHostState(stored.text) : undefined;
    return localStatus({ instance, runningPid: runningAgent(instance), plane, state });
  } finally {
    plane?.close();
  }
}

/**
 * Takes an instance off this host: programs, maps and state. Traffic is routed plainly from then on. Run it in the
 * instance's network namespace. Throws SextantError `store_locked` while its agent runs.
 */
export async function uninstallAgent(options: LocalOptions): Promise<void> {
  const instance = instanceName(options.instance);
  const stateDir = options.stateDir ?? DEFAULT_STATE_DIR;
  const lock = await lockInstance(stateDir, instance);
  try {
    KernelDataPlane.destroy(instance);
    await new StateFile(statePath(stateDir, instance)).remove();
    for (const directory of [stateDir, MACHINE_LOCKS]) await rm(lockPath(directory, instance), { force: true });
  } finally {
    lock.release();
  }
}
