import { createSocket } from "node:dgram";
import { nowUs, readPacket } from "./packet";
import { MAX_PACKETS, readOptions, sayReady, sayResult, untilToldOrAfter } from "./run-main";

/** Room for what arrives while the process does not run. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Takes down when each packet of a stream arrives, until it is told to end. */
async function main(): Promise<void> {
  const options = readOptions({ port: 9_000, stream: 1, seconds: 60 });
  const socket = createSocket("udp6");
  const arrivals: [sequence: number, sentUs: number, arrivedUs: number][] = [];
  let foreign = 0;
  let dropped = 0;
  socket.on("message", (message) => {
    const arrivedUs = nowUs();
    const packet = readPacket(message);
    if (packet?.stream !== options.stream) foreign++;
    else if (arrivals.length >= MAX_PACKETS) dropped++;
    else arrivals.push([packet.sequence, packet.sentUs, arrivedUs]);
  });
  await new Promise<void>((resolve) => socket.bind(options.port, resolve));
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  sayReady();
  await untilToldOrAfter(options.seconds);
  socket.close();
  sayResult({ stream: options.stream, arrivals, foreign, dropped });
}

void main();
