import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockInstance, lockPath, runningAgent } from "./instance-lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("one agent per instance; others run beside it", async () => {
  const lock = await lockInstance(directory, "h1");
  expect(runningAgent(directory, "h1")).toBe(process.pid);
  await expect(lockInstance(directory, "h1")).rejects.toMatchObject({ code: "store_locked" });
  const other = await lockInstance(directory, "h2");
  other.release();
  lock.release();
  expect(runningAgent(directory, "h1")).toBeUndefined();
  (await lockInstance(directory, "h1")).release();
});

test("the lock ends with its process, however that ends", async () => {
  const path = lockPath(directory, "h1");
  const holder = spawn("flock", ["--no-fork", "-x", path, "sh", "-c", "echo locked; exec sleep 60"]);
  await once(holder.stdout, "data");
  await expect(lockInstance(directory, "h1")).rejects.toMatchObject({ code: "store_locked" });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(runningAgent(directory, "h1")).toBeUndefined();
  (await lockInstance(directory, "h1")).release();
});

test("no lock file, no agent", () => {
  expect(runningAgent(directory, "nobody")).toBeUndefined();
});
