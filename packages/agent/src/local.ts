import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { cgroup2Mount, SextantError } from "@sextant/model";
import { meaningOfFlowEvent } from "./bpf/flow-events";
import { KernelDataPlane } from "./bpf/kernel-data-plane";
import { LAYOUT_VERSION } from "./bpf/kernel-limits";
import { meaningOfReason } from "./bpf/reason-meanings";
import { DEFAULT_STATE_DIR, instanceName } from "./config";
import { Cgroups } from "./net/cgroups";
import { decodeHostState, type HostState } from "./state/host-state";
import { interfaceNames } from "./state/interface-names";
import { lockInstance, lockPath, MACHINE_LOCKS, runningAgent } from "./state/instance-lock";
import { KernelNames } from "./state/kernel-names";
import { readLivePaths, removeLivePaths } from "./state/live-paths";
import { type LocalCounters, localCounters } from "./state/local-counters";
import { type LocalStatus, localStatus } from "./state/local-status";
import { StateFile, statePath } from "./state/state-file";
import { traceDecision } from "./trace/trace-decision";
import { traceState } from "./trace/trace-state";
import { packetOf, type TraceQuestion } from "./trace/trace-question";
import { type TraceReport, traceReport } from "./trace/trace-report";

export interface LocalOptions {
  readonly instance: string;
  readonly stateDir?: string | undefined;
}

export interface TraceOptions extends TraceQuestion {
  /** Directory that `cgroup` is below, as the agent has it; the mount point when undefined. */
  readonly cgroupRoot?: string | undefined;
}

/**
 * What an instance does on this host, read from kernel and disk, so it works with the agent dead too; what only the agent knows is
 * asked of it. Run it in the instance's network namespace. Throws SextantError `not_found` when there is neither pin nor state, `missing_privilege`.
 */
export async function agentStatus(options: LocalOptions): Promise<LocalStatus> {
  const instance = instanceName(options.instance);
  const stateDir = options.stateDir ?? DEFAULT_STATE_DIR;
  const state = await storedState(stateDir, instance);
  const live = await readLivePaths(instance);
  const plane = KernelDataPlane.view(instance);
  if (plane === undefined && state === "absent") throw nothingThere(instance, `state in ${stateDir}`);
  try {
    return localStatus({
      instance,
      runningPid: runningAgent(instance),
      plane,
      state: state === "absent" ? undefined : state,
      live,
      links: await interfaceNames(),
      layoutVersion: LAYOUT_VERSION,
    });
  } finally {
    plane?.close();
  }
}

/**
 * What the packet path has counted, read from the kernel. Run it in the instance's network namespace. Throws SextantError
 * `not_found` when nothing is pinned, `missing_privilege`, `conflict` (pins of another layout).
 */
export function agentCounters(options: LocalOptions): Promise<LocalCounters> {
  return withPins(options, async ({ instance, plane, state }) =>
    localCounters({
      instance,
      plane,
      names: new KernelNames(state),
      links: await interfaceNames(),
      meaningOf: meaningOfReason,
      meaningOfEvent: meaningOfFlowEvent,
    }),
  );
}

/**
 * Which rule wins for a packet, which list it takes and what goes onto it, read from the kernel. Run it in the instance's
 * network namespace. Throws like `agentCounters`, and SextantError `invalid_argument` that names a flag.
 */
export function agentTrace(options: LocalOptions & TraceOptions): Promise<TraceReport> {
  const mount = cgroup2Mount(readFileSync("/proc/mounts", "utf8")) ?? "";
  const packet = packetOf({ ...options, cgroup: belowMount(mount, options) }, mount);
  return withPins(options, async ({ instance, plane, state }) => {
    const domainSources = plane.domainSources();
    const decision = traceDecision(traceState(plane), packet);
    return traceReport(decision, packet, { instance, state, links: await interfaceNames(), domainSources });
  });
}

/** The path of a cgroup that is named as intents name it. */
function belowMount(mount: string, { cgroup, cgroupRoot }: TraceOptions): string | undefined {
  if (cgroup === undefined || cgroupRoot === undefined) return cgroup;
  return join(relative(mount, Cgroups.open(cgroupRoot).base), cgroup);
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
    removeLivePaths(instance);
    for (const directory of [stateDir, MACHINE_LOCKS]) await rm(lockPath(directory, instance), { force: true });
  } finally {
    lock.release();
  }
}

interface Pinned {
  readonly instance: string;
  readonly plane: KernelDataPlane;
  /** Undefined when there is no usable state on disk. */
  readonly state: HostState | undefined;
}

async function withPins<T>(options: LocalOptions, work: (pinned: Pinned) => Promise<T>): Promise<T> {
  const instance = instanceName(options.instance);
  const stored = await storedState(options.stateDir ?? DEFAULT_STATE_DIR, instance);
  const plane = KernelDataPlane.view(instance);
  if (plane === undefined) throw nothingThere(instance, "no pinned maps");
  try {
    return await work({ instance, plane, state: stored === "absent" ? undefined : stored });
  } finally {
    plane.close();
  }
}

/** Undefined for a state that is damaged. */
async function storedState(stateDir: string, instance: string): Promise<HostState | "absent" | undefined> {
  const stored = await new StateFile(statePath(stateDir, instance)).read();
  if (stored.kind === "absent") return "absent";
  return stored.kind === "intact" ? decodeHostState(stored.text) : undefined;
}

function nothingThere(instance: string, what: string): SextantError {
  return new SextantError("not_found", `no agent has run as instance ${instance} on this host (${what})`);
}
