import { type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";

const PACKAGES = resolve(__dirname, "../../..");

/** Lets Node load the project's TypeScript as the tests do. */
const HOOK = `
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { transformSync } = require(${JSON.stringify(require.resolve("@swc/core"))});
const options = { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } };
require.extensions[".ts"] = (module, file) => module._compile(transformSync(readFileSync(file, "utf8"), options).code, file);
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  const own = /^@sextant\\/([a-z]+)$/.exec(request);
  return resolveFilename(own === null ? request : ${JSON.stringify(PACKAGES)} + "/" + own[1] + "/src/index.ts", ...rest);
};
`;

export type TypescriptChild = ChildProcessByStdio<null, Readable, Readable>;

/** Runs TypeScript source in a process of its own; imports in it are relative to the controller's src folder. */
export function spawnTypescript(
  dir: string,
  source: string,
  options: { uid?: number; gid?: number } = {},
): TypescriptChild {
  const hook = join(dir, "hook.cjs");
  writeFileSync(hook, HOOK);
  const script = `const use = (path) => require(${JSON.stringify(`${PACKAGES}/controller/src/`)} + path);\n${source}`;
  return spawn(process.execPath, ["--require", hook, "-e", script], { ...options, stdio: ["ignore", "pipe", "pipe"] });
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
