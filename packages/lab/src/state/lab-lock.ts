import { createServer, type Server } from "node:net";
import { SextantError } from "@sextant/model";
import { poll } from "../kernel/poll";

const DEFAULT_WAIT_MS = 30_000;
const POLL_MS = 25;

/**
 * Runs `work` while no other process works on the same lab. The lock is a socket in the abstract namespace: the kernel gives it
 * back however its owner ends, and no file is left. Throws SextantError `lab_failed` when it stays taken for `waitMs`.
 */
export async function withLabLock<T>(
  lab: string,
  work: () => Promise<T>,
  waitMs: number = DEFAULT_WAIT_MS,
): Promise<T> {
  const server = await acquire(lab, waitMs);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** True when some process holds the lab's lock now. */
export async function isLabLocked(lab: string): Promise<boolean> {
  const server = await listen(lab);
  if (server === undefined) return true;
  await new Promise((resolve) => server.close(resolve));
  return false;
}

async function acquire(lab: string, waitMs: number): Promise<Server> {
  const server = await poll(() => listen(lab), waitMs, POLL_MS);
  if (server !== undefined) return server;
  throw new SextantError("lab_failed", `another command has been working on lab "${lab}" for ${waitMs / 1_000} s`);
}

function listen(lab: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(new SextantError("lab_failed", `lab lock: ${error.message}`, { cause: error }));
    });
    server.listen(`\0sextant-lab/${lab}`, () => resolve(server));
  });
}
