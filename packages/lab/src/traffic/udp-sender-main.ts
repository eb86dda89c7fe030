import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import { nowUs, PACKET_HEADER_BYTES, writePacket } from "./packet";
import { MAX_PACKETS, MAX_SECONDS, readOptions, sayReady, sayResult } from "./run-main";

/** Beyond 65,507 bytes there is no UDP payload. */
const MAX_PAYLOAD = 65_507;

/**
 * Sends UDP packets at a steady rate and says when each was sent. Between packets the thread sleeps in the kernel (a wait on a
 * futex ends within some ten microseconds of its time), so that the sender costs little on a small machine; when it was kept
 * from running it catches up.
 */
async function main(): Promise<void> {
  const options = readOptions({ to: "::1", port: 9_000, pps: 1_000, seconds: 1, bytes: 200, stream: 1, source: "" });
  const count = Math.round(options.pps * options.seconds);
  if (options.seconds > MAX_SECONDS || count > MAX_PACKETS || options.pps <= 0) {
    throw new Error(`at most ${MAX_SECONDS} s and ${MAX_PACKETS} packets`);
  }
  const socket = createSocket(isIPv4(options.to) ? "udp4" : "udp6");
  await new Promise<void>((resolve) => socket.bind(0, options.source === "" ? undefined : options.source, resolve));
  await new Promise<void>((resolve) => socket.connect(options.port, options.to, resolve));
  const sendTimesUs = new Float64Array(count);
  const errors: Record<string, number> = {};
  const buffer = Buffer.alloc(Math.min(MAX_PAYLOAD, Math.max(PACKET_HEADER_BYTES, options.bytes)));
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const intervalUs = 1_000_000 / options.pps;
  const failed = (error: NodeJS.ErrnoException | null) => {
    if (error !== null) errors[error.code ?? "unknown"] = (errors[error.code ?? "unknown"] ?? 0) + 1;
  };
  // A connected socket also hears of ICMP errors.
  socket.on("error", failed);
  const told = new AbortController();
  process.once("SIGTERM", () => told.abort());
  let sequence = 0;
  const startUs = nowUs();
  for (; sequence < count && !told.signal.aborted; sequence++) {
    const waitUs = startUs + sequence * intervalUs - nowUs();
    if (waitUs > 0) Atomics.wait(sleeper, 0, 0, waitUs / 1_000);
    const sentUs = nowUs();
    sendTimesUs[sequence] = sentUs;
    writePacket(buffer, { stream: options.stream, sequence, sentUs });
    // The kernel has its copy once send returns: the buffer can be used again.
    socket.send(buffer, failed);
    // Whoever waits for it may now rely on packets being on their way.
    if (sequence === 0) sayReady();
    await new Promise(setImmediate);
  }
  socket.close();
  sayResult({ stream: options.stream, sendTimesUs: [...sendTimesUs.subarray(0, sequence)], errors });
}

void main();
