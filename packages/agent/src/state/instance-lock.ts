import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SextantError } from "@sextant/model";
import { libc } from "../bpf/ffi";

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Pins belong to the machine: an instance is locked here too, whatever the state directory that its agent was given. */
export const MACHINE_LOCKS = "/run/sextant/agents";
/** Whoever only looks holds the lock for an instant. */
const ATTEMPTS = 5;
const ATTEMPT_PAUSE_MS = 50;

/** The right to run an instance. The kernel releases it with the process, however that ends. */
export interface InstanceLock {
  release(): void;
}

/**
 * Takes the locks of an instance, of its state and of its pins: flock(2) on `<instance>.lock`, which also names the process for
 * people. Throws SextantError `store_locked` while another agent runs it, `permission_denied` when a directory is not ours to
 * write.
 */
export async function lockInstance(
  stateDir: string,
  instance: string,
  machineLocks: string = MACHINE_LOCKS,
): Promise<InstanceLock> {
  const state = await lockIn(stateDir, instance);
  try {
    const machine = await lockIn(machineLocks, instance);
    return {
      release: () => {
        machine.release();
        state.release();
      },
    };
  } catch (thrown) {
    state.release();
    throw thrown;
  }
}

async function lockIn(directory: string, instance: string): Promise<InstanceLock> {
  const fd = openLock(directory, instance);
  for (let attempt = 1; libc().flock(fd, LOCK_EX | LOCK_NB) !== 0; attempt++) {
    if (attempt === ATTEMPTS) {
      closeSync(fd);
      const holder = readFileSync(lockPath(directory, instance), "utf8").trim();
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
export function runningAgent(instance: string, machineLocks: string = MACHINE_LOCKS): number | undefined {
  const path = lockPath(machineLocks, instance);
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
export function lockPath(directory: string, instance: string): string {
  return join(directory, `${instance}.lock`);
}

/** The descriptor closes on exec, so that child processes do not keep the lock. */
function openLock(directory: string, instance: string): number {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openSync(lockPath(directory, instance), constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SextantError(
      "permission_denied",
      `cannot write to ${directory}: run as root, or choose another --state-dir (${reason})`,
      { cause },
    );
  }
}
