import { SextantError } from "@sextant/model";
import { topologyFromText } from "./load-topology";
import { type LabPlan, planLab } from "./plan";
import { labDirectories } from "./state/directory";
import { readLabState } from "./state/lab-state";

/** The plan of an existing lab, from what its state remembers. Throws SextantError `not_found` when there is no such lab. */
export function openPlan(lab: string): LabPlan {
  const state = readLabState(lab);
  if (state === undefined) throw noSuchLab(lab);
  return planLab(lab, topologyFromText(state.topologyFile, state.topologyText));
}

/** The error for a lab that does not exist. */
export function noSuchLab(lab: string): SextantError {
  const others = labDirectories().join(", ");
  return new SextantError("not_found", `no lab "${lab}" is up; those that are: ${others === "" ? "none" : others}`);
}
