import { SextantError } from "@sextant/model";
import { join, resolve } from "node:path";
import { writeCertificates } from "./certificates";
import { routesOfLab } from "./igp/supervisor";
import { labCgroupRoot } from "./kernel/cgroups";
import type { ProcessIdentity } from "./kernel/processes";
import { spawnDaemon, tail } from "./kernel/spawn-daemon";
import {
  DEFAULT_EMULATION,
  DEFAULT_IGP_DELAY_MS,
  type LabUpOptions,
  MAX_IGP_DELAY_MS,
  interrupted,
  throwIfAborted,
} from "./lab-options";
import { loadTopology } from "./load-topology";
import { labName, labNameOfTopology } from "./names";
import { buildCables, buildNamespaces, buildNodes, connectLinks } from "./network/build-network";
import { startDelayLine } from "./network/delay-line";
import { declaredSettings } from "./network/link-settings";
import { readInterfaces } from "./network/read-interfaces";
import { readSigningKeys, requireSignatures } from "./network/signatures";
import type { DelayBackend } from "./network/wire-lines";
import { entryPoint } from "./package-paths";
import { type LabPlan, planLab } from "./plan";
import { checkRequirements } from "./requirements";
import { createLabDirectory, labDirectory } from "./state/directory";
import { withLabLock } from "./state/lab-lock";
import { type LabSettings, type LabState, writeLabSettings, writeLabState } from "./state/lab-state";
import { labCondition, tearDown } from "./tear-down";

const SUPERVISOR_START_MS = 15_000;

/** A lab about to be built. */
interface Design {
  readonly signingKeys: ReadonlyMap<number, string>;
  readonly plan: LabPlan;
  readonly state: LabState;
  readonly settings: LabSettings;
}

/**
 * Builds a lab, all of it or nothing: after a failure or an abort everything is removed again. Gives the lab's name. Throws
 * SextantError: `invalid_document`, `invalid_argument`, `lab_exists`, `lab_failed`, and what `checkRequirements` throws.
 */
export async function bringUp(options: LabUpOptions): Promise<string> {
  const progress = (step: string) => {
    throwIfAborted(options.signal);
    options.onProgress?.(step);
  };
  const { delayBackend } = await checkRequirements().catch((thrown: unknown) => {
    throw reasonOfFailure(thrown, options);
  });
  const design = designLab(options, delayBackend);
  const { name } = design.plan;
  await withLabLock(name, async () => {
    await makeRoom(name, progress);
    try {
      await build(design, progress);
    } catch (thrown) {
      await tearDown(name);
      throw reasonOfFailure(thrown, options);
    }
  });
  return name;
}

/** Ctrl-C at a terminal also ends the commands that we wait for: their failures are not the reason then. */
function reasonOfFailure(thrown: unknown, { signal }: LabUpOptions): SextantError {
  return signal?.aborted === true ? interrupted() : SextantError.from(thrown, "lab_failed");
}

function designLab(options: LabUpOptions, delayBackend: DelayBackend): Design {
  const { topology, text } = loadTopology(options.topologyFile);
  const name = labName(options.name ?? labNameOfTopology(topology.name));
  const igpDelayMs = checkIgpDelay(options.igpDelayMs ?? DEFAULT_IGP_DELAY_MS);
  const emulate = { ...DEFAULT_EMULATION, ...options.emulate };
  const plan = planLab(name, topology);
  const state: LabState = {
    name,
    phase: "starting",
    createdAt: new Date().toISOString(),
    topologyFile: resolve(options.topologyFile),
    signingKeysFile: options.signingKeys === undefined ? undefined : resolve(options.signingKeys),
    topologyText: text,
    delayBackend,
    cgroupRoot: labCgroupRoot(name),
    sextantCommand: options.sextantCommand ?? [],
    supervisor: undefined,
    delayLine: undefined,
  };
  const links = Object.fromEntries(topology.links.map((link) => [link.name, declaredSettings(link, emulate)]));
  const signingKeys =
    options.signingKeys === undefined ? new Map<number, string>() : readSigningKeys(options.signingKeys);
  return { signingKeys, plan, state, settings: { igpDelayMs, algorithms: topology.algorithms, links } };
}

/** Checks a delay of the IGP; throws SextantError `invalid_argument`. */
export function checkIgpDelay(ms: number): number {
  if (ms >= 0 && ms <= MAX_IGP_DELAY_MS) return ms;
  throw new SextantError("invalid_argument", `the IGP delay must be 0 to ${MAX_IGP_DELAY_MS} ms, got ${ms}`);
}

/** Nothing of the same name may be there; what a crashed run left is removed. */
async function makeRoom(name: string, progress: (step: string) => void): Promise<void> {
  const condition = labCondition(name);
  if (condition === "running") {
    throw new SextantError(
      "lab_exists",
      `lab "${name}" is up: "sextant lab down --name ${name}" first, or choose a --name`,
    );
  }
  if (condition === "absent") return;
  progress(`removing what an earlier run of lab "${name}" left`);
  await tearDown(name);
}

async function build({ signingKeys, plan, state, settings }: Design, progress: (step: string) => void): Promise<void> {
  const { name } = plan;
  createLabDirectory(name);
  writeLabState(state);
  writeLabSettings(name, settings);
  progress(`namespaces for ${plan.nodes.size} nodes`);
  await buildNamespaces(plan);
  progress(`${plan.links.size} links`);
  await buildCables(plan);
  // It also runs where no link has a delay yet: one may be set later.
  const delayLine = state.delayBackend === "delay-line" ? await startDelayLine(name, plan.wires) : undefined;
  writeLabState({ ...state, delayLine });
  if (delayLine !== undefined) progress("this kernel has no netem: delays come from a user-space delay line");
  await connectLinks(plan, settings.links, state.delayBackend);
  progress("addresses, segments and routes");
  await buildNodes(
    plan,
    routesOfLab(plan, (link) => settings.links[link]?.state === "up", settings.algorithms),
  );
  if (signingKeys.size > 0) await requireSignatures(plan.nodes.values(), signingKeys);
  await checkCarrier(plan, settings);
  progress("certificates");
  await writeCertificates(plan, join(labDirectory(name), "tls"));
  progress("IGP");
  const supervisor = await startSupervisor(name);
  writeLabState({ ...state, phase: "running", delayLine, supervisor });
}

async function checkCarrier(plan: LabPlan, settings: LabSettings): Promise<void> {
  const ports = await readInterfaces(plan.wires);
  const dead = [...plan.links.values()].filter(({ link, a, b }) => {
    const carrier = [a, b].every(({ port }) => ports.get(port)?.carrier === true);
    return settings.links[link.name]?.state === "up" && !carrier;
  });
  if (dead.length === 0) return;
  throw new SextantError("lab_failed", `links without carrier: ${dead.map(({ link }) => link.name).join(", ")}`);
}

async function startSupervisor(lab: string): Promise<ProcessIdentity> {
  const logFile = join(labDirectory(lab), "igp.log");
  const { child, identity } = await spawnDaemon(
    [process.execPath, entryPoint("igp/supervisor-main"), lab],
    logFile,
    true,
  );
  const ready = await new Promise<boolean>((done) => {
    const timer = setTimeout(done, SUPERVISOR_START_MS, false);
    const finish = (answer: boolean) => {
      clearTimeout(timer);
      done(answer);
    };
    child.once("message", () => finish(true)).once("exit", () => finish(false));
  });
  if (!ready) throw new SextantError("lab_failed", `the IGP did not start: ${tail(logFile)}`);
  child.removeAllListeners("exit");
  return identity;
}
