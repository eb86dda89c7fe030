import { type ChildProcessByStdio, spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";

const CONTROLLER = resolve(__dirname, "..");
const LOADER = ["--require", require.resolve("tsx/cjs")];
/** Lets `@sextant/...` be the source, as in the tests themselves. */
const TSCONFIG = resolve(CONTROLLER, "../../../test/tsconfig.json");

export type TypescriptChild = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs a script in a process of its own; `use` in it loads a module of the controller's src folder. `launcher` is arguments of
 * `env`, so a program that starts the command after it, such as setpriv with its options, can come first.
 */
export function spawnTypescript(script: string, launcher: readonly string[] = []): TypescriptChild {
  const source = `const use = (path) => require(${JSON.stringify(`${CONTROLLER}/`)} + path);\n${script}`;
  const env = { ...process.env, TSX_TSCONFIG_PATH: TSCONFIG };
  const command = [...launcher, process.execPath, ...LOADER, "-e", source];
  return spawn("env", command, { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Everything that a child printed, and how it ended. */
export async function outcome(
  child: TypescriptChild,
): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { ...text, code };
}
