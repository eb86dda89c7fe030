import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SextantError } from "@sextant/model";
import { libc } from "../bpf/ffi";

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Whoever only looks holds the lock for an instant. */
const ATTEMPTS = 5;
const ATTEMPT_PAUSE_MS = 50;

/** The right to run an instance. The kernel releases it with the process, however that ends. */
export interface InstanceLock {
  release(): void;
}

/**
 * Takes the lock of an instance: flock(2) on `<instance>.lock`, which also names the process for people. Throws
 * SextantError `store_locked` while another agent runs it, `permission_denied` when the directory is not ours to write.
 */
export async function lockInstance(stateDir: string, instance: string): Promise<InstanceLock> {
  const fd = openLock(stateDir, instance);
  for (let attempt = 1; libc().flock(fd, LOCK_EX | LOCK_NB) !== 0; attempt++) {
    if (attempt === ATTEMPTS) {
      closeSync(fd);
      const holder = readFileSync(lockPath(stateDir, instance), "utf8").trim();
      const message = `an agent of instance ${instance} runs already (process ${holder}): stop it, or choose another --instance`;
      throw new SextantError("store_locked", message);
    }
    await delay(ATTEMPT_PAUSE_MS);
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`, 0);
  return { release: () => closeSync(fd) };
}

/** Process id of the agent that runs the instance; undefined when none does. */
export function runningAgent(stateDir: string, instance: string): number | undefined {
  const path = lockPath(stateDir, instance);
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return undefined;
  }
  const free = libc().flock(fd, LOCK_SH | LOCK_NB) === 0;
  const pid = Number(readFileSync(fd, "utf8"));
  closeSync(fd);
  return free ? undefined : pid;
}

/** Path of the lock file of an instance. */
export function lockPath(stateDir: string, instance: string): string {
  return join(stateDir, `${instance}.lock`);
}

/** The descriptor closes on exec, so that child processes do not keep the lock. */
function openLock(stateDir: string, instance: string): number {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    return openSync(lockPath(stateDir, instance), constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SextantError("permission_denied", `cannot use --state-dir ${stateDir}: ${reason}`, { cause });
  }
}
