import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { entryPoint } from "../package-paths";
import { followProgram, type TrafficProgram } from "./program";
import { type UdpStatistics, udpStatistics } from "./udp-statistics";

/** What is still on its way when the sender has ended gets this long to arrive. */
const DRAIN_MS = 500;
/** Receivers outlive their senders by at most this. */
const RECEIVER_GRACE_SECONDS = 60;
const DEFAULT_UDP_PORT = 9_000;
const DEFAULT_TCP_PORT = 9_100;

/** Starts a command in a node, as `Lab.spawn` does. */
export type NodeSpawner = (node: string, argv: readonly string[], cgroup?: string) => ChildProcess;

interface Conversation {
  readonly from: string;
  readonly to: string;
  /** Address to send to. */
  readonly address: string;
  /** UDP: 9000 by default; TCP: 9100. */
  readonly port?: number | undefined;
  /** cgroup of the sender below its host's own. */
  readonly cgroup?: string | undefined;
  /** How long the sender sends; at most an hour. */
  readonly seconds: number;
}

/** A stream of numbered UDP packets at a steady rate. */
export interface UdpStreamOptions extends Conversation {
  /** Default 1000; at most a million packets in all. */
  readonly packetsPerSecond?: number | undefined;
  /** Payload; default 200, at least 16. */
  readonly bytes?: number | undefined;
}

/** Failed sends by error code, and what arrived that was not of the stream, besides the statistics. */
export interface UdpStreamResult extends UdpStatistics {
  readonly sendErrors: Readonly<Record<string, number>>;
  readonly foreign: number;
  /** When each packet was sent, on the machine's monotonic clock, in microseconds. */
  readonly sendTimesUs: readonly number[];
}

/** A running stream. */
export interface UdpStream {
  /** Resolves when the stream has ended, by itself or because it was told to. */
  readonly result: Promise<UdpStreamResult>;
  /** Ends it before its time; what was sent until then is judged as a whole stream. */
  stop(): void;
}

/** TCP traffic: `bulk` as fast as it goes, `echo` a request every `intervalMs` (default 10). */
export interface TcpOptions extends Conversation {
  readonly mode: "bulk" | "echo";
  readonly intervalMs?: number | undefined;
  /** Bytes of an echo request; default 64. */
  readonly bytes?: number | undefined;
}

/** `roundTripsUs` and `longestMs` are those of echo requests; a bulk transfer has none. */
export interface TcpResult {
  readonly bytes: number;
  readonly megabitsPerSecond: number;
  /** The longest time in which nothing arrived between the first byte and the last. */
  readonly longestGapMs: number;
  readonly requests: number;
  readonly longestMs: number;
  readonly roundTripsUs: readonly number[];
}

export interface TcpTraffic {
  readonly result: Promise<TcpResult>;
  /** Ends an echo before its time, after the request that is under way. */
  stop(): void;
}

interface SenderResult {
  readonly sendTimesUs: number[];
  readonly errors: Record<string, number>;
}

interface ReceiverResult {
  readonly arrivals: [sequence: number, sentUs: number, arrivedUs: number][];
  readonly foreign: number;
}

let streams = 0;

/** Starts a receiver, then a sender; returns once packets are being sent. */
export async function startUdpStream(spawn: NodeSpawner, options: UdpStreamOptions): Promise<UdpStream> {
  const { from, to, address, cgroup, seconds, packetsPerSecond = 1_000, bytes = 200 } = options;
  const port = options.port ?? DEFAULT_UDP_PORT;
  const stream = ++streams;
  const receiver = node(spawn, to, "udp-receiver", { port, stream, seconds: seconds + RECEIVER_GRACE_SECONDS });
  await receiver.ready;
  const sender = node(
    spawn,
    from,
    "udp-sender",
    { to: address, port, pps: packetsPerSecond, seconds, bytes, stream },
    cgroup,
  );
  await startedOrStop(sender, receiver);
  const result = finish(sender, receiver).then(([sent, received]) => {
    const { sendTimesUs, errors } = sent as SenderResult;
    const { arrivals, foreign } = received as ReceiverResult;
    const named = arrivals.map(([sequence, sentUs, arrivedUs]) => ({ sequence, sentUs, arrivedUs }));
    return { ...udpStatistics(sendTimesUs, named), sendErrors: errors, foreign, sendTimesUs };
  });
  result.catch(() => undefined);
  return { result, stop: () => sender.stop() };
}

/** Starts a server, then a client; returns once they are connected. */
export async function startTcp(spawn: NodeSpawner, options: TcpOptions): Promise<TcpTraffic> {
  const { from, to, address, cgroup, seconds, mode, intervalMs = 10, bytes = 64 } = options;
  const port = options.port ?? DEFAULT_TCP_PORT;
  const serverMode = mode === "echo" ? "echo" : "sink";
  const server = node(spawn, to, "tcp-server", { port, mode: serverMode, seconds: seconds + RECEIVER_GRACE_SECONDS });
  await server.ready;
  const client = node(spawn, from, "tcp-client", { to: address, port, mode, seconds, bytes, intervalMs }, cgroup);
  await startedOrStop(client, server);
  const result = finish(client, server).then(([sent, received]) => {
    type Received = Pick<TcpResult, "bytes" | "megabitsPerSecond" | "longestGapMs">;
    const { bytes: total, megabitsPerSecond, longestGapMs } = received as Received;
    const { requests = 0, longestMs = 0, roundTripsUs = [] } = sent as Partial<TcpResult>;
    return { bytes: total, megabitsPerSecond, longestGapMs, requests, longestMs, roundTripsUs };
  });
  result.catch(() => undefined);
  return { result, stop: () => client.stop() };
}

function node(
  spawn: NodeSpawner,
  where: string,
  program: string,
  options: Readonly<Record<string, string | number>>,
  cgroup?: string,
): TrafficProgram {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(where, [process.execPath, entryPoint(`traffic/${program}-main`), ...flags], cgroup);
  return followProgram(child, `${program} on ${where}`);
}

async function startedOrStop(sender: TrafficProgram, receiver: TrafficProgram): Promise<void> {
  try {
    await sender.ready;
  } catch (thrown) {
    receiver.stop();
    throw thrown;
  }
}

/** The receiver is told to end whatever becomes of the sender. */
async function finish(sender: TrafficProgram, receiver: TrafficProgram): Promise<[unknown, unknown]> {
  try {
    const sent = await sender.result;
    await sleep(DRAIN_MS);
    receiver.stop();
    return [sent, await receiver.result];
  } finally {
    receiver.stop();
  }
}
