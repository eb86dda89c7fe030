import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { SextantError } from "@sextant/model";
import { identify, type ProcessIdentity } from "./processes";

const LOG_LINES_IN_ERROR = 8;

/** A process that outlives us, with its log. */
export interface Daemon {
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  readonly child: ChildProcess;
}

/** Starts a process in a session of its own; its output is appended to the log. With `ipc` it can send us messages. */
export async function spawnDaemon(
  [program, ...args]: readonly [string, ...string[]],
  logFile: string,
  ipc = false,
): Promise<Daemon> {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", log, log, ...(ipc ? ["ipc" as const] : [])],
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new SextantError("lab_failed", `${program} ended at once: ${tail(logFile)}`);
    child.unref();
    return { identity, logFile, child };
  } catch (thrown) {
    throw SextantError.from(thrown, "lab_failed");
  } finally {
    closeSync(log);
  }
}

/** The last lines of a log, for an error message. */
export function tail(logFile: string): string {
  try {
    return readFileSync(logFile, "utf8").trim().split("\n").slice(-LOG_LINES_IN_ERROR).join("\n");
  } catch {
    return "(no log)";
  }
}
