import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockInstance, lockPath, runningAgent } from "./instance-lock";

let directory: string;
let machine: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
  machine = join(directory, "machine");
  mkdirSync(machine);
});
afterEach(() => rmSync(directory, { recursive: true }));

test("one agent per instance; others run beside it", async () => {
  const lock = await lockInstance(directory, "h1", machine);
  expect(runningAgent("h1", machine)).toBe(process.pid);
  await expect(lockInstance(directory, "h1", machine)).rejects.toMatchObject({ code: "store_locked" });
  const other = await lockInstance(directory, "h2", machine);
  other.release();
  lock.release();
  expect(runningAgent("h1", machine)).toBeUndefined();
  (await lockInstance(directory, "h1", machine)).release();
});

test("the lock ends with its process, however that ends", async () => {
  const path = lockPath(machine, "h1");
  const holder = spawn("flock", ["--no-fork", "-x", path, "sh", "-c", "echo locked; exec sleep 60"]);
  await once(holder.stdout, "data");
  await expect(lockInstance(directory, "h1", machine)).rejects.toMatchObject({ code: "store_locked" });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(runningAgent("h1", machine)).toBeUndefined();
  (await lockInstance(directory, "h1", machine)).release();
});

test("no lock file, no agent", () => {
  expect(runningAgent("nobody", machine)).toBeUndefined();
});

test("another state directory does not make it another instance: the pins are the same", async () => {
  const lock = await lockInstance(join(directory, "one"), "h1", machine);
  await expect(lockInstance(join(directory, "two"), "h1", machine)).rejects.toMatchObject({ code: "store_locked" });
  expect(runningAgent("h1", machine)).toBe(process.pid);
  lock.release();
  (await lockInstance(join(directory, "two"), "h1", machine)).release();
});
