import { setTimeout as wait } from "node:timers/promises";
import { pathState } from "../liveness/path-state";
import type { DataPlane, KernelKey, ListObservation } from "../reconcile/data-plane";
import type { KernelNames } from "../state/kernel-names";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** An agent that is well sends within two intervals, jitter included. */
const INTERVALS = 2.5;
/** Lists that may take longer are not waited for. */
const MAX_WAIT_MS = 3_000;

/**
 * Whether probes leave now, and whether they come back. Waits for 2.5 intervals of the slowest list that is due within three
 * seconds; of slower ones is only said how many there are. `intervalUs` says how often a list is to be probed.
 */
export async function checkProbing(
  plane: Pick<DataPlane, "observeLists" | "listDemands" | "config">,
  names: KernelNames,
  intervalUs: (list: KernelKey) => number,
): Promise<CheckFinding[]> {
  const before = plane.observeLists();
  if (before.size === 0) return [ok("probes", "no list to prove")];
  const waitMs = (list: KernelKey) => (INTERVALS * intervalUs(list)) / 1_000;
  const due = [...before.keys()].filter((list) => waitMs(list) <= MAX_WAIT_MS);
  const waitedMs = Math.max(0, ...due.map(waitMs));
  await wait(waitedMs);
  const now = plane.observeLists();
  const checked = due.filter((list) => now.has(list));
  const still = checked.filter((list) => now.get(list)?.sent === before.get(list)?.sent);
  const demands = plane.listDemands();
  const multiplierOf = (key: KernelKey) => demands.get(key)?.multiplier ?? plane.config()?.probeMultiplier ?? 1;
  return [
    ...(checked.length === 0 ? [] : [sendingFinding(still.length, checked.length, waitedMs)]),
    ...slowFindings(before.size - due.length),
    ...[...now].flatMap((one) => dead(one, multiplierOf(one[0]), names)),
  ];
}

function sendingFinding(still: number, all: number, waitedMs: number): CheckFinding {
  if (still === 0) return ok("probes", `of all ${all} lists left within the last ${waitedMs} ms`);
  const detail = `of ${still} of ${all} lists none left within ${waitedMs} ms: their liveness is frozen`;
  return fail("probes", detail, "is the agent running, and do the lists' first segments have routes?");
}

function slowFindings(slow: number): CheckFinding[] {
  if (slow === 0) return [];
  return [ok("probes.slow", `${slow} lists are probed too rarely to wait for: not checked whether their probes leave`)];
}

function dead([key, seen]: [KernelKey, ListObservation], multiplier: number, names: KernelNames): CheckFinding[] {
  if (pathState(seen, multiplier) !== "dead") return [];
  const detail = `dead: probe ${seen.sent} left, the last to come back was ${seen.returned}`;
  const next = "packets take another list or candidate; look at the links on its way, and at the far host's SID";
  return [warn(`list.${names.of(key)}`, detail, next)];
}
