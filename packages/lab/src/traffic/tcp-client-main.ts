import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { nowUs } from "./packet";
import { MAX_PACKETS, MAX_SECONDS, readOptions, sayReady, sayResult } from "./run-main";

const CHUNK_BYTES = 256 * 1024;
const STALL_SECONDS = 30;

interface ClientOptions {
  readonly seconds: number;
  readonly bytes: number;
  readonly intervalMs: number;
}

/**
 * The sending side of a TCP connection. `--mode bulk` sends as fast as it can; `--mode echo` sends `--bytes` every
 * `--intervalMs` and takes the time until they are back: the longest is the stall that an application would see.
 */
async function main(): Promise<void> {
  const options = readOptions({
    to: "::1",
    port: 9_100,
    mode: "bulk",
    seconds: 1,
    bytes: 64,
    intervalMs: 10,
    source: "",
  });
  if (options.seconds > MAX_SECONDS) throw new Error(`at most ${MAX_SECONDS} s`);
  const localAddress = options.source === "" ? {} : { localAddress: options.source };
  const socket = connect({ host: options.to, port: options.port, noDelay: true, ...localAddress });
  await once(socket, "connect");
  // A connection that never comes back ends the program with an error instead of holding it.
  setTimeout(() => socket.destroy(new Error("stalled")), (options.seconds + STALL_SECONDS) * 1_000).unref();
  sayReady();
  sayResult(options.mode === "echo" ? await echo(socket, options) : await bulk(socket, options));
  socket.destroy();
}

async function bulk(socket: Socket, { seconds }: ClientOptions): Promise<unknown> {
  const chunk = Buffer.alloc(CHUNK_BYTES, "x");
  const startUs = nowUs();
  const endUs = startUs + seconds * 1_000_000;
  let bytes = 0;
  while (nowUs() < endUs) {
    bytes += chunk.length;
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  socket.end();
  await once(socket, "close");
  return { bytes, megabitsPerSecond: (bytes * 8) / (nowUs() - startUs) };
}

/** Requests follow one another: the next is sent when the last is back, and not before its time. */
async function echo(socket: Socket, { seconds, bytes, intervalMs }: ClientOptions): Promise<unknown> {
  const request = Buffer.alloc(Math.max(1, bytes), "x");
  const roundTripsUs: number[] = [];
  const endUs = nowUs() + seconds * 1_000_000;
  const told = new AbortController();
  process.once("SIGTERM", () => told.abort());
  let received = 0;
  let answered: () => void = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received >= request.length) answered();
  });
  while (!told.signal.aborted && nowUs() < endUs && roundTripsUs.length < MAX_PACKETS) {
    const sentUs = nowUs();
    received = 0;
    const back = new Promise<void>((resolve) => {
      answered = resolve;
    });
    socket.write(request);
    await back;
    roundTripsUs.push(nowUs() - sentUs);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  return {
    requests: roundTripsUs.length,
    longestMs: roundTripsUs.reduce((longest, us) => Math.max(longest, us), 0) / 1_000,
    roundTripsUs,
  };
}

void main();
