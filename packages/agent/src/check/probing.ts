import { setTimeout as wait } from "node:timers/promises";
import { pathState } from "../liveness/path-state";
import type { DataPlane, KernelKey, ListObservation } from "../reconcile/data-plane";
import type { KernelNames } from "../state/kernel-names";
import { type CheckFinding, fail, ok, warn } from "./finding";

/** An agent that is well sends within two intervals, jitter included. */
const INTERVALS = 2.5;

/** Whether probes leave now, and whether they come back. Waits for two probe intervals. */
export async function checkProbing(
  plane: DataPlane,
  names: KernelNames,
  probeIntervalMs: number,
): Promise<CheckFinding[]> {
  const before = plane.observeLists();
  if (before.size === 0) return [ok("probes", "no list to prove")];
  await wait(INTERVALS * probeIntervalMs);
  const now = plane.observeLists();
  const demands = plane.listDemands();
  const multiplierOf = (key: KernelKey) => demands.get(key)?.multiplier ?? plane.config()?.probeMultiplier ?? 1;
  const still = [...now].filter(([key, { sent }]) => sent === before.get(key)?.sent);
  return [
    sendingFinding(still.length, now.size, probeIntervalMs),
    ...[...now].flatMap((one) => dead(one, multiplierOf(one[0]), names)),
  ];
}

function sendingFinding(still: number, all: number, intervalMs: number): CheckFinding {
  if (still === 0) return ok("probes", `of all ${all} lists left within the last ${INTERVALS * intervalMs} ms`);
  const detail = `of ${still} of ${all} lists none left within ${INTERVALS * intervalMs} ms: their liveness is frozen`;
  return fail("probes", detail, "is the agent running, and do the lists' first segments have routes?");
}

function dead([key, seen]: [KernelKey, ListObservation], multiplier: number, names: KernelNames): CheckFinding[] {
  if (pathState(seen, multiplier) !== "dead") return [];
  const detail = `dead: probe ${seen.sent} left, the last to come back was ${seen.returned}`;
  const next = "packets take another list or candidate; look at the links on its way, and at the far host's SID";
  return [warn(`list.${names.of(key)}`, detail, next)];
}
