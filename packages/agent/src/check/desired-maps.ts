import { DOMAIN_KEY } from "@sextant/model";
import { Cgroups } from "../net/cgroups";
import { DnsResolver } from "../net/dns-resolver";
import { Host } from "../net/host";
import { HostNetwork } from "../net/host-network";
import type { SigningKeys } from "../net/signing-keys";
import { Users } from "../net/users";
import { type Compiled, compile } from "../reconcile/compile";
import type { DataPlane } from "../reconcile/data-plane";
import { kernelDelta, type Step, stepName } from "../reconcile/delta";
import { entryOfKind } from "../reconcile/held-entry";
import { type KernelState, readKernelState } from "../reconcile/kernel-state";
import type { HostState } from "../state/host-state";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** Differences and entries told one by one; of more the number says enough. */
const TOLD = 8;
const NOTHING_REFUSED = {
  lists: new Map(),
  policies: new Map(),
  destinations: new Map(),
  domain: undefined,
};

export interface DesiredFacts {
  readonly plane: DataPlane;
  readonly state: HostState;
  /** Names of the interfaces that carry the programs. */
  readonly uplinks: readonly string[];
  readonly cgroupRoot: string | undefined;
  readonly keys: SigningKeys;
}

/**
 * What the state on disk would have in the maps, and what is there: the reconciler's own comparison, without its writes. DNS
 * names mean what the agent last heard.
 */
export async function checkDesiredMaps(facts: DesiredFacts): Promise<CheckFinding[]> {
  const actual = readKernelState(facts.plane);
  const compiled = await compileHere(facts, actual);
  const steps = kernelDelta(actual, compiled.target);
  const troubled = [...compiled.states.values()].filter(({ status }) => status !== "installed");
  const total = `${facts.state.wanted.size} entries, as they should be`;
  return [
    ...(steps.length === 0 ? [ok("maps", total)] : atMost(steps.map(stepFinding), "maps")),
    ...atMost(
      troubled.map(({ key, status, message }) =>
        warn(
          `entry.${key}`,
          `${status}: ${message}`,
          "see sextant describe; a change of intents or of this host helps",
        ),
      ),
      "entries",
    ),
  ];
}

async function compileHere(
  { plane, state, uplinks, cgroupRoot, keys }: DesiredFacts,
  current: KernelState,
): Promise<Compiled> {
  const nothing = () => undefined;
  const reader = { attached: () => plane.attached(), attach: nothing, detach: nothing };
  const network = new HostNetwork({ plane: reader, uplinks, onEvent: nothing, onChange: nothing });
  const unanswered = () => new Promise<never>(nothing);
  const names = new DnsResolver({ query: unanswered, nowMs: () => 0, random: () => 0, onChange: nothing });
  names.restore(state.names);
  const host = new Host({ network, cgroups: Cgroups.open(cgroupRoot), users: new Users(), names, keys });
  const { wanted, installed, settings, term } = state;
  const domain = entryOfKind(wanted, DOMAIN_KEY, "domain");
  try {
    await host.refresh(domain?.nodeSid, [wanted, installed], 0);
    return compile({
      held: { wanted, installed },
      probeMultiplier: settings.probeMultiplier,
      term,
      limits: plane.limits,
      features: plane.features,
      environment: host.environment(),
      current,
      refused: NOTHING_REFUSED,
      newNonce: () => 0n,
    });
  } finally {
    network.close();
    names.close();
  }
}

/** What is unused does no harm, and goes after a moment; what is missing or different does. */
function stepFinding(step: Step): CheckFinding {
  const check = `maps.${stepName(step).replaceAll(" ", ".")}`;
  if (step.kind.startsWith("delete"))
    return warn(
      check,
      "is there, and should not be",
      "a running agent removes it within a second, senders within half a minute",
    );
  const next =
    "a running agent repairs this within a second: is it running, with the same --cgroup-root and --signing-keys as given here?";
  return fail(check, "is missing, or not what it should be", next);
}

function atMost(findings: readonly CheckFinding[], what: string): CheckFinding[] {
  const left = findings.slice(TOLD);
  const worst = left.find(({ result }) => result === "fail") ?? left[0];
  if (worst === undefined) return [...findings];
  return [
    ...findings.slice(0, TOLD),
    { ...worst, check: `${what}.more`, detail: `and ${left.length} more like these` },
  ];
}
