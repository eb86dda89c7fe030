import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Rig } from "./rig";

/** `sextant get KIND -w -o json` while a test goes on. */
export class Watch implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;

  constructor(rig: Rig, kind: string) {
    const [program = "", ...args] = rig.commandLine(["get", kind, "-w", "-o", "json"]);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(line));
    this.#ended = new Promise((resolve) => child.once("close", (code) => resolve(code ?? -1)));
    this.#child = child;
  }

  /** Interrupts it, as a person would; gives its exit status. */
  stop(): Promise<number> {
    this.#child.kill("SIGINT");
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
