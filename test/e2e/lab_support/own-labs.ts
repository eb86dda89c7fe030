import { existsSync } from "node:fs";
import { Lab } from "@sextant/lab";

/** Options of `Lab.up` that the tests vary. */
type UpOptions = Parameters<typeof Lab.up>[0];

/** Of a lab that a test process owns. */
const OWNED = /^e2e-(\d+)-/;

let abandonedAreGone = false;

/** A lab of a test's own: its name says which test, and the process keeps runs apart. */
export function labNameFor(what: string): string {
  return `e2e-${process.pid}-${what}`;
}

/** Brings up the topology file with a name of its own. Labs of test processes that were killed go first. */
export async function upLab(topologyFile: string, what: string, options: Partial<UpOptions> = {}): Promise<Lab> {
  await removeAbandoned();
  return Lab.up({ topologyFile, name: labNameFor(what), ...options });
}

/** A lab works on without the process that made it, so nobody else can tell that it is not wanted any more. */
async function removeAbandoned(): Promise<void> {
  if (abandonedAreGone) return;
  abandonedAreGone = true;
  for (const name of await Lab.list()) {
    const owner = OWNED.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await Lab.down(name);
  }
}
