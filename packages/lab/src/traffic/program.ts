import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { SextantError } from "@sextant/model";

const READY_MS = 10_000;
const MAX_STDERR_CHARACTERS = 10_000;

/** A traffic program that runs in a node. */
export interface TrafficProgram {
  /** Resolves once it says that it is ready; throws SextantError `lab_failed` when it ends before. */
  readonly ready: Promise<void>;
  /** Its result, when it has ended; throws SextantError `lab_failed` when it gave none. */
  readonly result: Promise<unknown>;
  /** Asks it to end and give its result. */
  stop(): void;
}

/** Follows a process that speaks as the programs in this directory do: `ready`, then one line of JSON. */
export function followProgram(child: ChildProcess, what: string): TrafficProgram {
  let stderr = "";
  let last = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-MAX_STDERR_CHARACTERS);
  });
  const failure = (why: string) => new SextantError("lab_failed", `${what} ${why}: ${stderr.trim()}`);
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve()).once("error", () => resolve());
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(failure("did not start")), READY_MS);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        last = line;
        if (line !== "ready") return;
        clearTimeout(timer);
        resolve();
      });
    }
    void closed.then(() => {
      clearTimeout(timer);
      reject(failure("ended before it was ready"));
    });
  });
  const result = closed.then(() => {
    if (last.startsWith("{")) return JSON.parse(last) as unknown;
    throw failure("gave no result");
  });
  // Whoever asks hears of a failure; nobody has to ask.
  ready.catch(() => undefined);
  result.catch(() => undefined);
  return { ready, result, stop: () => void child.kill("SIGTERM") };
}
