import { paint, type Tone } from "../output/table";

/** One thing that the demo says happened, and whether it did. */
export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}

/** Tells the demo on standard output and keeps what it claimed. */
export class Narrator {
  readonly #claims: Claim[] = [];
  #step = 0;

  constructor(private readonly colour: boolean) {}

  get claims(): readonly Claim[] {
    return this.#claims;
  }

  step(title: string): void {
    this.#step += 1;
    this.lines(["", `${this.#step}. ${title}`]);
  }

  command(args: readonly string[]): void {
    this.#tell("faint", `$ sextant ${args.join(" ")}`);
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) this.#tell("plain", line);
  }

  progress(text: string): void {
    this.#tell("faint", text);
  }

  /** Says whether something that the demo promises is so; a claim that does not hold fails the demo at its end. */
  claim(text: string, holds: boolean): void {
    this.#claims.push({ text, holds });
    this.#tell(holds ? "good" : "bad", `${holds ? "yes" : "NO "}  ${text}`);
  }

  #tell(tone: Tone, text: string): void {
    const indented = /^\d+\. /.test(text) || text === "" ? text : `   ${text}`;
    process.stdout.write(`${paint({ text: indented, tone }, this.colour)}\n`);
  }
}
