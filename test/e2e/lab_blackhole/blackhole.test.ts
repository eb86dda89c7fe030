import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";

//            north
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");
const LINK = { a: "west", b: "north" };

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "hole", { igpDelayMs: 0 });
});
afterAll(() => Lab.down(labNameFor("hole")));

const igpLog = () => readFileSync(join(lab.directory, "igp.log"), "utf8");
const routes = async () => (await lab.exec("west", ["ip", "-6", "route"])).stdout;
const stateOf = async () => (await lab.status()).links.find(({ name }) => name === "west-north")?.state;
const stream = async (from: string, to: string) =>
  (await lab.startUdpStream({ from, to, seconds: 0.5, port: from === "alice" ? 9_000 : 9_001 })).result;

test("packets vanish and nothing notices: carrier, routes and the IGP are as before", async () => {
  const before = [igpLog(), await routes()];
  await lab.linkBlackhole(LINK);
  expect((await ping(lab, "alice", "2001:db8:b::1", 5)).received).toBe(0);
  expect([igpLog(), await routes()]).toEqual(before);
  expect(await stateOf()).toEqual({ kind: "blackhole", directions: ["aToB", "bToA"] });
  const { stdout } = await lab.exec("west", ["ip", "-br", "link", "show", "dev", "to-north"]);
  expect(stdout).toMatch(/ UP .*LOWER_UP/);
  await lab.linkRestore(LINK);
  expect((await ping(lab, "alice", "2001:db8:b::1", 5)).received).toBe(5);
  expect(await stateOf()).toEqual({ kind: "up" });
});

test("in one direction only: the other one loses nothing, however long it lasts", async () => {
  await lab.linkBlackhole(LINK, "west");
  const before = (await lab.linkCounters()).get("west-north");
  const [there, back] = await Promise.all([stream("alice", "bob"), stream("bob", "alice")]);
  const after = (await lab.linkCounters()).get("west-north");
  expect(there).toMatchObject({ sent: 500, received: 0, longestGapEnd: 500 });
  expect(back).toMatchObject({ sent: 500, lost: 0 });
  expect((after?.a.txPackets ?? 0) - (before?.a.txPackets ?? 0)).toBeGreaterThanOrEqual(500);
  expect((after?.b.rxPackets ?? 0) - (before?.b.rxPackets ?? 0)).toBeLessThan(10);
  await lab.linkRestore(LINK, "west");
  expect((await ping(lab, "alice", "2001:db8:b::1", 5)).received).toBe(5);
});
