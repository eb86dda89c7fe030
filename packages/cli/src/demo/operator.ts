import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { SextantError } from "@sextant/model";
import type { IntentStatus } from "../status";
import type { Narrator } from "./narrator";

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** How `sextant` is run: the interpreter and this program. */
export const SEXTANT_COMMAND: readonly [string, ...string[]] = [process.execPath, join(__dirname, "..", "main.js")];

/** An operator at the keyboard: every request is a `sextant` command of its own, against one controller. */
export class Operator {
  constructor(
    private readonly server: string,
    private readonly narrator: Narrator,
  ) {}

  /** Runs a command for the audience to see, with its output. */
  async show(args: readonly string[]): Promise<void> {
    this.narrator.command(args);
    this.narrator.lines((await this.#run(args)).trimEnd().split("\n"));
  }

  /** Status of an intent. */
  async intent(name: string): Promise<IntentStatus> {
    const item = JSON.parse(await this.#run(["get", "intents", name, "-o", "json"])) as { status: IntentStatus };
    return item.status;
  }

  async #run(args: readonly string[]): Promise<string> {
    const [program, ...before] = SEXTANT_COMMAND;
    try {
      const { stdout } = await run(program, [...before, ...args, "--server", this.server], {
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      });
      return stdout;
    } catch (thrown) {
      const { stderr = "" } = thrown as { stderr?: string };
      throw new SextantError("lab_failed", `sextant ${args.join(" ")}: ${stderr.trim()}`, { cause: thrown });
    }
  }
}
