import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { list } from "../../../../test/support/desired";
import { type LivePaths, readLivePaths, removeLivePaths, serveLivePaths } from "./live-paths";

const a = list(1).key;
const probes = { intervalUs: 10_000, lossPpm: null, meanRoundTripUs: 480, jitterUs: 20 };
const tcp = { tcpLossPpm: null, tcpRoundTripUs: null, tcpRiseUs: null };
const known = (reason: string): LivePaths => ({
  paths: [{ list: a, reason, witness: null, ...probes, ...tcp }],
  refusedRates: [{ askedUs: 1_000, keptUs: 4_000, lists: 1 }],
});

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "live-"))));
afterEach(() => rmSync(directory, { recursive: true }));

test("whoever asks gets what is known then; nothing is left when the agent has gone", async () => {
  let now = known("");
  const server = await serveLivePaths("h1", () => now, directory);
  expect(await readLivePaths("h1", directory)).toEqual(known(""));
  now = known("hold_up");
  expect(await readLivePaths("h1", directory)).toEqual(known("hold_up"));
  await server.close();
  expect(readdirSync(directory)).toEqual([]);
  expect(await readLivePaths("h1", directory)).toBeUndefined();
});

test("what a killed agent left behind is in nobody's way", async () => {
  const path = join(directory, "h1.sock");
  const left = createServer().listen(path);
  await once(left, "listening");
  const server = await serveLivePaths("h1", () => known(""), directory);
  expect(await readLivePaths("h1", directory)).toEqual(known(""));
  await server.close();
  left.close();
  removeLivePaths("h1", directory);
});

test.each<[string, (socket: Socket) => void]>([
  ["speaks half a sentence", (socket) => socket.end('{"paths":')],
  ["hangs up", (socket) => socket.destroy()],
])("an agent that %s has said nothing", async (_, answer) => {
  const server = createServer(answer).listen(join(directory, "h1.sock"));
  await once(server, "listening");
  expect(await readLivePaths("h1", directory)).toBeUndefined();
  server.close();
});

test("an agent that is stopped holds nobody up", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(join(directory, "h1.sock"));
  await once(server, "listening");
  expect(await readLivePaths("h1", directory)).toBeUndefined();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test("those who ask and never read do not pile up: the agent turns away what is too many, and ends them", async () => {
  const server = await serveLivePaths("h1", () => known("x".repeat(4 << 20)), directory);
  const idle = Array.from({ length: 12 }, () => connect(join(directory, "h1.sock")).on("error", () => undefined));
  const closed = idle.map((socket) => once(socket, "close"));
  await Promise.race(closed);
  await server.close();
  for (const socket of idle) socket.destroy();
  expect(readdirSync(directory)).toEqual([]);
});
