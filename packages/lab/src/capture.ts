import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { SextantError } from "@sextant/model";
import { inNamespace } from "./kernel/namespaces";

const READY_MS = 10_000;
const DEFAULT_MAX_PACKETS = 10_000;
const DEFAULT_MAX_SECONDS = 60;

/** A packet takes as much of the buffer as it could be long: room for a thousand that come at once. */
const BUFFER_KIB = 16_384;
const KEPT_BYTES = 16_384;

export interface CaptureOptions {
  /** tcpdump expression, for example `ip6 and udp port 9000`; every packet by default. */
  readonly filter?: string | undefined;
  /** Only one direction, as the interface sees it. */
  readonly direction?: "in" | "out" | undefined;
  /** Ends the capture by itself; default 10,000. */
  readonly maxPackets?: number | undefined;
  /** Ends the capture by itself; default 60. */
  readonly maxSeconds?: number | undefined;
  /** Keeps the packets, the first 16 KiB of each, in this file instead of printing them. */
  readonly pcapFile?: string | undefined;
}

/** A running tcpdump. */
export interface Capture {
  /** Ends it and gives what it printed, one packet per entry (continuation lines joined); nothing with `pcapFile`. */
  stop(): Promise<string[]>;
}

/** Starts tcpdump on an interface of a namespace; returns once it listens. Throws SextantError `missing_program`, `lab_failed`. */
export async function startCapture(
  namespace: string,
  interfaceName: string,
  options: CaptureOptions = {},
): Promise<Capture> {
  const { filter, direction, pcapFile, maxPackets = DEFAULT_MAX_PACKETS, maxSeconds = DEFAULT_MAX_SECONDS } = options;
  const output =
    // Debian's tcpdump would become another user before it opens the file.
    pcapFile === undefined ? ["-l", "-vv"] : ["-Z", "root", "-U", "-s", String(KEPT_BYTES), "-w", pcapFile];
  const [program, ...args] = inNamespace(namespace, [
    "timeout",
    String(maxSeconds),
    "tcpdump",
    ...["--immediate-mode", "-B", String(BUFFER_KIB), "-n", "-i", interfaceName, "-c", String(maxPackets), ...output],
    ...(direction === undefined ? [] : ["-Q", direction]),
    ...(filter === undefined ? [] : [filter]),
  ]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await listening(child);
  return {
    stop: async () => {
      // tcpdump hands over packets that it has seen when it is interrupted.
      child.kill("SIGINT");
      await ended;
      return joinContinued(lines);
    },
  };
}

/** tcpdump -vv spreads a packet over lines; all but the first are indented. */
export function joinContinued(lines: readonly string[]): string[] {
  const packets: string[] = [];
  for (const line of lines) {
    if (line.trim() === "") continue;
    if (/^\s/.test(line) && packets.length > 0) packets.push(`${packets.pop() ?? ""} ${line.trim()}`);
    else packets.push(line);
  }
  return packets;
}

function listening(child: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (reason: string) => {
      child.kill("SIGKILL");
      const missing = /No such file/.test(said);
      const hint = missing ? " On Debian: apt-get install tcpdump" : "";
      reject(new SextantError(missing ? "missing_program" : "lab_failed", `capture: ${reason} ${said.trim()}${hint}`));
    };
    const timer = setTimeout(fail, READY_MS, "tcpdump does not listen.");
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (!said.includes("listening on")) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("close", () => {
      clearTimeout(timer);
      fail("tcpdump ended.");
    });
  });
}
