import type { DataPlane } from "../reconcile/data-plane";
import { listJudgements } from "../state/local-lists";
import type { TraceState } from "./trace-decision";

/** Reads from the kernel what a trace needs. */
export function traceState(plane: DataPlane): TraceState {
  const lists = plane.lists();
  return {
    destinations: plane.destinations(),
    policies: plane.policies(),
    lists,
    judgements: listJudgements(plane),
    listSlots: new Map([...lists.keys()].map((key) => [key, plane.probeIdentity(key)?.slot ?? 0])),
  };
}
