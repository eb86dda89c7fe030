import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type ListKey, SextantError } from "@sextant/model";
import type { Witness } from "../liveness/list-liveness";
import type { RefusedRate } from "../liveness/refused-rates";
import { MACHINE_LOCKS } from "./instance-lock";

/** What only the process of an agent knows of a list. */
export interface LivePath {
  readonly list: ListKey;
  /** Why it is in its state, or left alone; empty when there is nothing special. */
  readonly reason: string;
  /** Who has seen that, where it is loss or delay; else null. */
  readonly witness: Witness | null;
  /** Between two probes, as kept now; null when it is not probed. */
  readonly intervalUs: number | null;
  /** Over the last 100 probes of known fate; null before the first. */
  readonly lossPpm: number | null;
  /** Over the last 32 round trips seen; null before the first. */
  readonly meanRoundTripUs: number | null;
  readonly jitterUs: number | null;
  /** What TCP sent again because it was lost, of what it sent over the last seconds; null where it sent too little. */
  readonly tcpLossPpm: number | null;
  /** Its mean round trip, and how much longer that is than the least that connections saw; null where there were too few. */
  readonly tcpRoundTripUs: number | null;
  readonly tcpRiseUs: number | null;
}

/** What an agent at work says to whoever is on the same machine and may ask. */
export interface LivePaths {
  readonly paths: readonly LivePath[];
  readonly refusedRates: readonly RefusedRate[];
}

/** Those who ask at the same time; the next ones are turned away. */
const MAX_CONNECTIONS = 8;
/** An agent that is stopped or starved does not hold up whoever asks; nor does one who asks and never reads hold on to it. */
const PATIENCE_MS = 2_000;

/** Answers of a running agent. */
export interface LivePathsServer {
  close(): Promise<void>;
}

/**
 * Writes what is known to each connection to the instance's socket, in the directory of the machine's locks, which is root's.
 * Call it with the lock of the instance held. Throws SextantError `permission_denied`.
 */
export async function serveLivePaths(
  instance: string,
  look: () => LivePaths,
  directory: string = MACHINE_LOCKS,
): Promise<LivePathsServer> {
  const path = socketPath(instance, directory);
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy()); // Whoever asked has gone.
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.end(JSON.stringify(look()));
    socket.resume();
  });
  server.maxConnections = MAX_CONNECTIONS;
  removeLivePaths(instance, directory); // Left behind by an agent that was killed.
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(SextantError.from(cause, "permission_denied")));
    server.listen(path, resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Asks the agent of an instance; undefined when none answers in time. */
export async function readLivePaths(
  instance: string,
  directory: string = MACHINE_LOCKS,
): Promise<LivePaths | undefined> {
  const socket = connect(socketPath(instance, directory));
  const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), PATIENCE_MS);
  try {
    return JSON.parse(await text(socket)) as LivePaths;
  } catch {
    return undefined; // Not there, stopped, or ended while it spoke: kernel and disk still tell.
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** Takes the socket of an instance off the machine. */
export function removeLivePaths(instance: string, directory: string = MACHINE_LOCKS): void {
  rmSync(socketPath(instance, directory), { force: true });
}

function socketPath(instance: string, directory: string): string {
  return join(directory, `${instance}.sock`);
}
