import { type FlexibleAlgorithm, SextantError } from "@sextant/model";
import { signalProcess } from "../kernel/processes";
import { topologyFromText } from "../load-topology";
import { noSuchLab } from "../open-plan";
import type { LabPlan } from "../plan";
import { withLabLock } from "../state/lab-lock";
import { readLabSettings, readLabState, writeLabSettings } from "../state/lab-state";

/**
 * Defines flexible algorithms anew, as the topology of a text has them: routers change their routes. Throws SextantError `invalid_argument` where
 * an algorithm comes, goes, or has other SIDs: those are made when the lab is.
 */
export async function redefineAlgorithms(plan: LabPlan, topologyText: string): Promise<void> {
  const { algorithms } = topologyFromText("topology", topologyText);
  if (shapeOf(algorithms) !== shapeOf(plan.topology.algorithms))
    throw new SextantError("invalid_argument", "names, numbers and blocks of a lab's algorithms stay as they are");
  await withLabLock(plan.name, () => {
    const settings = readLabSettings(plan.name);
    const supervisor = readLabState(plan.name)?.supervisor;
    if (settings === undefined || supervisor === undefined) throw noSuchLab(plan.name);
    writeLabSettings(plan.name, { ...settings, algorithms });
    signalProcess(supervisor, "SIGHUP");
    return Promise.resolve();
  });
}

function shapeOf(algorithms: readonly FlexibleAlgorithm[]): string {
  return algorithms.map(({ name, id, locatorBlock }) => `${name} ${id} ${locatorBlock}`).join();
}
