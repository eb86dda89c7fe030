import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const UNPACKED = join(__dirname, "..", "..", "build", "tools", "prometheus", "usr", "bin");

/** Path of `prometheus` or `promtool`: as scripts/install-system-packages.sh unpacked it, else from PATH. */
export function prometheusProgram(name: "prometheus" | "promtool"): string {
  const unpacked = join(UNPACKED, name);
  return existsSync(unpacked) ? unpacked : name;
}

/** Runs promtool; gives what it said. Throws with it when it finds fault. */
export async function promtool(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(prometheusProgram("promtool"), args);
  return stdout + stderr;
}
