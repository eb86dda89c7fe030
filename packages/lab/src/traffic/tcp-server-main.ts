import { createServer } from "node:net";
import { nowUs } from "./packet";
import { readOptions, sayReady, sayResult, untilToldOrAfter } from "./run-main";

/** Connections at a time; more are refused. */
const MAX_CONNECTIONS = 1_000;

/** Takes in TCP bytes and either swallows or returns them (`--mode sink | echo`), until it is told to end. */
async function main(): Promise<void> {
  const options = readOptions({ port: 9_100, mode: "sink", seconds: 60 });
  let connections = 0;
  let bytes = 0;
  let firstUs = 0;
  let lastUs = 0;
  let longestGapUs = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const arrivedUs = nowUs();
      if (bytes === 0) firstUs = arrivedUs;
      else longestGapUs = Math.max(longestGapUs, arrivedUs - lastUs);
      lastUs = arrivedUs;
      bytes += chunk.length;
    });
    if (options.mode === "echo") socket.pipe(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve) => server.listen(options.port, "::", resolve));
  sayReady();
  await untilToldOrAfter(options.seconds);
  const megabitsPerSecond = lastUs > firstUs ? (bytes * 8) / (lastUs - firstUs) : 0;
  sayResult({ connections, bytes, megabitsPerSecond, longestGapMs: longestGapUs / 1_000 });
  process.exit(0);
}

void main();
