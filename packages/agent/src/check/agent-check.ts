import { SextantError } from "@sextant/model";
import { BUILT_OBJECTS, KernelDataPlane } from "../bpf/kernel-data-plane";
import { LAYOUT_VERSION } from "../bpf/kernel-limits";
import { DEFAULT_STATE_DIR, instanceName } from "../config";
import { type Link, readLinks } from "../net/links";
import { SigningKeys } from "../net/signing-keys";
import { decodeHostState, type HostState } from "../state/host-state";
import { runningAgent } from "../state/instance-lock";
import { KernelNames } from "../state/kernel-names";
import { askedIntervals } from "../state/local-lists";
import { StateFile, statePath } from "../state/state-file";
import { checkDesiredMaps } from "./desired-maps";
import { type CheckFinding, fail, ok, warn } from "./finding";
import { checkFirstSegments } from "./first-segments";
import { checkKernelFeatures } from "./kernel-features";
import { checkProbing } from "./probing";
import { checkPrograms } from "./programs";
import { checkSigningKeys } from "./signing";
import { checkTurning } from "./turning";
import { checkUplinks, uplinkIndices } from "./uplinks";

export interface CheckOptions {
  readonly instance: string;
  readonly stateDir?: string | undefined;
  /** As the agent was given it. */
  readonly cgroupRoot?: string | undefined;
  /** As the agent was given it. */
  readonly signingKeys?: string | undefined;
  /** Ask next nodes that the kernel knows nothing of: sends one packet to each. */
  readonly probe?: boolean | undefined;
}

/**
 * Whether this host can do what it is asked to, and does it. Reads only, but for `probe`. Run it in the instance's network
 * namespace. Throws SextantError `invalid_argument` (instance name), `missing_privilege`.
 */
export async function agentCheck(options: CheckOptions): Promise<CheckFinding[]> {
  const instance = instanceName(options.instance);
  const state = await readState(options.stateDir ?? DEFAULT_STATE_DIR, instance);
  const pins = viewPins(instance);
  try {
    return [
      agentFinding(instance),
      state.finding,
      pins.finding,
      ...checkPrograms(BUILT_OBJECTS),
      ...checkKernelFeatures(),
      ...(pins.plane === undefined ? [] : await checkPlane(pins.plane, state.state, options)),
    ];
  } finally {
    pins.plane?.close();
  }
}

async function checkPlane(
  plane: KernelDataPlane,
  state: HostState | undefined,
  { cgroupRoot, signingKeys, probe }: CheckOptions,
): Promise<CheckFinding[]> {
  const links = await readLinks();
  const names = new Map([...links.values()].map(({ ifindex, name }) => [ifindex, name]));
  const [lists, attached] = [plane.lists(), plane.attached()];
  const uplinks = attached.flatMap(({ ifindex }) => names.get(ifindex) ?? []);
  const keys = new SigningKeys(signingKeys);
  const findings = [
    ...checkTurning(linksOf(uplinkIndices({ attached, lists }), links), isFarEnd(plane)),
    ...checkUplinks({ links, attached, lists }),
    ...(await checkFirstSegments(lists, names, probe === true)),
  ];
  if (state === undefined) return findings;
  return [
    ...findings,
    ...checkSigningKeys(keys, state),
    ...(await checkDesiredMaps({ plane, state, uplinks, cgroupRoot, keys })),
    ...(await checkProbing(plane, new KernelNames(state), askedIntervals(state))),
  ];
}

function linksOf(indices: readonly number[], links: ReadonlyMap<string, Link>): Link[] {
  return [...links.values()].filter(({ ifindex }) => indices.includes(ifindex));
}

/** Whether others steer packets to this host: then they probe it, and take it for dead when their probes do not come back. */
function isFarEnd(plane: KernelDataPlane): boolean {
  return plane.senders().length > 0 || (plane.reasons().get("turned_round") ?? 0n) > 0n;
}

function agentFinding(instance: string): CheckFinding {
  const pid = runningAgent(instance);
  if (pid !== undefined) return ok("agent", `running, process ${pid}`);
  return fail("agent", "not running: the kernel forwards on, liveness is frozen", "start it: sextant agent run");
}

async function readState(
  stateDir: string,
  instance: string,
): Promise<{ readonly finding: CheckFinding; readonly state: HostState | undefined }> {
  const path = statePath(stateDir, instance);
  const stored = await new StateFile(path).read();
  switch (stored.kind) {
    case "intact": {
      const state = decodeHostState(stored.text);
      return { finding: ok("state", `${state.wanted.size} entries for host ${state.host}`), state };
    }
    case "absent": {
      const finding = warn(
        "state",
        `${path} does not exist`,
        "no controller has answered yet, or --state-dir is another",
      );
      return { finding, state: undefined };
    }
    case "corrupt": {
      const finding = fail("state", `${path}: ${stored.reason}`, "the next contact with a controller replaces it");
      return { finding, state: undefined };
    }
  }
}

function viewPins(instance: string): { readonly finding: CheckFinding; readonly plane: KernelDataPlane | undefined } {
  try {
    const plane = KernelDataPlane.view(instance);
    if (plane !== undefined) return { finding: ok("pins", `all maps, layout ${LAYOUT_VERSION}`), plane };
    return { finding: fail("pins", "no pinned maps: nothing is steered", "start the agent: it makes them"), plane };
  } catch (thrown) {
    const error = SextantError.from(thrown);
    if (error.code === "missing_privilege") throw error;
    if (error.code === "missing_kernel_feature") {
      return { finding: fail("pins", error.message, "run this where the agent runs"), plane: undefined };
    }
    const next = "run the version that made them, or sextant agent uninstall and start anew";
    return { finding: fail("pins", error.message, next), plane: undefined };
  }
}
