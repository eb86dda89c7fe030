import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SextantError } from "@sextant/model";

/** Below it, one directory per lab. It lives in memory: labs do not survive a reboot either. */
const LABS_DIRECTORY = "/run/sextant/labs";

/** Directory of everything that a lab keeps: state, certificates, logs, sockets. */
export function labDirectory(lab: string): string {
  return join(LABS_DIRECTORY, lab);
}

/** Names of the labs that have a directory, sorted; some may be leftovers. */
export function labDirectories(): string[] {
  try {
    return readdirSync(LABS_DIRECTORY).sort();
  } catch {
    return [];
  }
}

/** Creates the lab's directory, readable by root alone: it will hold private keys. */
export function createLabDirectory(lab: string): void {
  mkdirSync(labDirectory(lab), { recursive: true, mode: 0o700 });
}

/** Removes the lab's directory with all that is in it. */
export function removeLabDirectory(lab: string): void {
  rmSync(labDirectory(lab), { recursive: true, force: true });
}

/** Replaces a JSON file of the lab in one step: a reader sees the old or the new one. */
export function writeLabFile(lab: string, name: string, value: unknown): void {
  const path = join(labDirectory(lab), name);
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Reads a JSON file of the lab; undefined when it does not exist. Throws SextantError `lab_failed` when it is damaged. */
export function readLabFile(lab: string, name: string): unknown {
  const path = join(labDirectory(lab), name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SextantError("lab_failed", `${path} is damaged: run "sextant lab down --name ${lab}"`, { cause });
  }
}
