import { spawn } from "node:child_process";
import { SextantError } from "@sextant/model";

/** No command of ours takes longer; one that does is stuck. */
const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** What a finished command said. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and gives its output whatever its exit status; throws `missing_program` when it does not exist. */
export function tryCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ["pipe", "pipe", "pipe"] });
    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    let size = 0;
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_OUTPUT_BYTES) child.kill("SIGKILL");
        else chunks[name].push(chunk);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const missing = error.code === "ENOENT";
      reject(
        new SextantError(missing ? "missing_program" : "lab_failed", `${program}: ${error.message}`, { cause: error }),
      );
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const [stdout, stderr] = [chunks.stdout, chunks.stderr].map((parts) => Buffer.concat(parts).toString("utf8"));
      const ending = signal === null ? "" : `\nended by ${signal}`;
      resolve({ status: code ?? 128, stdout: stdout ?? "", stderr: `${stderr ?? ""}${ending}` });
    });
    // A child that ends before it has read everything is judged by its exit status.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Runs a program and gives its standard output; throws SextantError `lab_failed` with what it wrote to standard error. */
export async function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await tryCommand(program, args, options);
  if (status === 0) return stdout;
  const detail = stderr.trim().split("\n").slice(0, 5).join("; ");
  throw new SextantError(
    "lab_failed",
    `${program} ${args.join(" ")}: ${detail === "" ? `exit status ${status}` : detail}`,
  );
}

/** Runs lines of `ip` in one process, in a namespace or (undefined) where we are. What has no family by itself is IPv6. */
export async function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  await bothFamilies(namespace, lines, []);
}

/** As `ipBatch`, but a failed line does not stop the others and is no error: for removing what may be gone. */
export async function ipBatchForce(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  await bothFamilies(namespace, lines, ["-force"]);
}

/** `ip` learns the family of most lines from their addresses; that of a rule it must be told. */
async function bothFamilies(
  namespace: string | undefined,
  lines: readonly string[],
  flags: readonly string[],
): Promise<void> {
  const isRule = (line: string) => line.startsWith("rule ");
  await batch(
    "ip",
    namespace,
    lines.filter((line) => !isRule(line)),
    flags,
  );
  await batch("ip", namespace, lines.filter(isRule), ["-6", ...flags]);
}

/** Runs lines of `tc` in one process. */
export async function tcBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await batch("tc", namespace, lines, []);
}

async function batch(
  program: "ip" | "tc",
  namespace: string | undefined,
  lines: readonly string[],
  flags: readonly string[],
): Promise<void> {
  if (lines.length === 0) return;
  const args = [...(namespace === undefined ? [] : ["-n", namespace]), ...flags, "-batch", "-"];
  const { status, stderr } = await tryCommand(program, args, { input: `${lines.join("\n")}\n` });
  if (status === 0 || flags.includes("-force")) return;
  const failed = /Command failed -:(\d+)/.exec(stderr)?.[1];
  const line = failed === undefined ? undefined : lines[Number(failed) - 1];
  const detail = stderr.trim().split("\n").slice(0, 3).join("; ");
  throw new SextantError(
    "lab_failed",
    `${program} ${args.join(" ")}${line === undefined ? "" : ` (${line})`}: ${detail}`,
  );
}
