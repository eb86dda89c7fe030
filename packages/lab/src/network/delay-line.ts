import { connect } from "node:net";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { inNamespace } from "../kernel/namespaces";
import { poll } from "../kernel/poll";
import { isAlive, type ProcessIdentity } from "../kernel/processes";
import { spawnDaemon, tail } from "../kernel/spawn-daemon";
import { DELAY_LINE_PROGRAM } from "../package-paths";
import { labDirectory } from "../state/directory";

const START_MS = 5_000;
const ANSWER_MS = 5_000;
const POLL_MS = 5;

/** Counters of one direction that the delay line carries. */
export interface DelayLineCounters {
  readonly from: string;
  readonly to: string;
  readonly delayUs: number;
  readonly queued: number;
  readonly forwarded: number;
  /** Dropped because the queue was full (16,384 packets or 16 MiB). */
  readonly droppedFull: number;
  /** Refused by the far port: loss, rate or missing carrier. */
  readonly droppedSend: number;
}

/** Starts the lab's delay line inside the namespace of its wires, and waits until it answers. */
export async function startDelayLine(lab: string, wires: string): Promise<ProcessIdentity> {
  const socket = socketPath(lab);
  const logFile = join(labDirectory(lab), "delay-line.log");
  const { identity } = await spawnDaemon(inNamespace(wires, [DELAY_LINE_PROGRAM, socket]), logFile);
  const answers = async () => {
    try {
      await tellDelayLine(lab, ["counters"]);
      return "ready";
    } catch {
      return isAlive(identity) ? undefined : "ended";
    }
  };
  if ((await poll(answers, START_MS, POLL_MS)) === "ready") return identity;
  throw new SextantError("lab_failed", `the delay line did not start: ${tail(logFile)}`);
}

/** Has commands carried out, in order; throws SextantError `lab_failed` when it is gone or refuses one. */
export async function tellDelayLine(lab: string, commands: readonly string[]): Promise<string[]> {
  if (commands.length === 0) return [];
  const answers = await exchange(socketPath(lab), commands);
  answers.forEach((answer, i) => {
    if (answer.startsWith("error ")) {
      throw new SextantError("lab_failed", `delay line: ${commands[i] ?? ""}: ${answer.slice("error ".length)}`);
    }
  });
  return answers;
}

/** Counters of all directions that the delay line carries. */
export async function delayLineCounters(lab: string): Promise<DelayLineCounters[]> {
  const [answer = "[]"] = await tellDelayLine(lab, ["counters"]);
  return JSON.parse(answer) as DelayLineCounters[];
}

function socketPath(lab: string): string {
  return join(labDirectory(lab), "delay-line.sock");
}

function exchange(path: string, commands: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = "";
    const fail = (message: string, cause?: Error) =>
      reject(new SextantError("lab_failed", `delay line: ${message}`, { cause }));
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
    socket.on("error", (error) => fail(error.message, error));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.split("\n").length > commands.length) socket.end();
    });
    socket.on("close", () => {
      const lines = text.split("\n").slice(0, -1);
      if (lines.length === commands.length) resolve(lines);
      else fail(`answered ${lines.length} of ${commands.length} commands`);
    });
    socket.write(`${commands.join("\n")}\n`);
  });
}
