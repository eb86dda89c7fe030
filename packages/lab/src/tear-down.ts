import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isCgroup2Mounted, labCgroupRoot, removeCgroups } from "./kernel/cgroups";
import { namespacesOfLab, removeNamespaces } from "./kernel/namespaces";
import { endProcesses, isAlive, type ProcessIdentity, processesInNamespaces } from "./kernel/processes";
import { agentInstance } from "./names";
import { labDirectory, removeLabDirectory } from "./state/directory";
import { type LabState, readLabDaemons, readLabState } from "./state/lab-state";

/** Where agents pin their programs and maps, one directory per instance. */
const PINS_DIRECTORY = "/sys/fs/bpf/sextant";
/** Where they lock their instances, one file per instance. */
const LOCKS_DIRECTORY = "/run/sextant/agents";

/** How much of a lab is there. `leftover`: what a crashed run or a reboot left; `unsupervised`: it works, without its IGP. */
export type LabCondition = "absent" | "leftover" | "unsupervised" | "running";

/** Looks at state, processes and namespaces. Judges right only while no `up` or `down` of the lab is under way. */
export function labCondition(lab: string): LabCondition {
  const namespaces = namespacesOfLab(lab);
  const state = readWhole(() => readLabState(lab));
  if (state === undefined) return existsSync(labDirectory(lab)) || namespaces.length > 0 ? "leftover" : "absent";
  if (state.phase === "starting" || namespaces.length === 0) return "leftover";
  return state.supervisor !== undefined && isAlive(state.supervisor) ? "running" : "unsupervised";
}

/**
 * Removes everything that carries the lab's name: processes (those that the lab started, and those inside its namespaces and
 * cgroups), namespaces, cgroups, pinned BPF objects, state. Works on whatever part of it there is; nothing at all is fine. The
 * caller holds the lab's lock.
 */
export async function tearDown(lab: string): Promise<void> {
  const state = readWhole(() => readLabState(lab));
  // The supervisor first: it would repair what is being taken down.
  if (state?.supervisor !== undefined) await endProcesses([state.supervisor]);
  const namespaces = namespacesOfLab(lab);
  await endProcesses([...daemonsOf(lab, state), ...processesInNamespaces(namespaces)]);
  await removeNamespaces(namespaces);
  if (isCgroup2Mounted()) await removeCgroups(labCgroupRoot(lab));
  removeInstances(PINS_DIRECTORY, lab);
  removeInstances(LOCKS_DIRECTORY, lab);
  removeLabDirectory(lab);
}

function daemonsOf(lab: string, state: LabState | undefined): ProcessIdentity[] {
  const daemons = readWhole(() => readLabDaemons(lab));
  const all = [state?.delayLine, daemons?.controller, ...Object.values(daemons?.agents ?? {})];
  return all.filter((daemon) => daemon !== undefined);
}

function removeInstances(directory: string, lab: string): void {
  if (!existsSync(directory)) return;
  const prefix = agentInstance(lab, "");
  for (const instance of readdirSync(directory).filter((name) => name.startsWith(prefix))) {
    rmSync(join(directory, instance), { recursive: true, force: true });
  }
}

/** A damaged file tells nothing, and must not keep its lab from being removed. */
function readWhole<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
