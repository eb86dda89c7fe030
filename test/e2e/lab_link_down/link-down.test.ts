import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { linksUsed, ping } from "../lab_support/ping";
import { eventually } from "../../support/eventually";

//            north
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");
const CUT = { a: "west", b: "north" };
const BOB = "2001:db8:b::1";
const IGP_DELAY_MS = 300;
/** The IGP's delay, and whatever a busy machine adds. */
const GENEROUS_MS = 3_000;

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "down", { igpDelayMs: IGP_DELAY_MS });
});
afterAll(() => Lab.down(labNameFor("down")));

const backbone = async () => {
  const used = await linksUsed(lab, () => ping(lab, "alice", BOB, 20), 20);
  return used.filter((link) => !/alice|bob/.test(link));
};
const carrierAt = async (node: string, link = CUT) => {
  const { stdout } = await lab.exec(node, ["ip", "-br", "link", "show", "dev", lab.interfaceOf(node, link)]);
  return stdout.includes("LOWER_UP") && !stdout.includes("NO-CARRIER");
};
const routedOver = (links: readonly string[]) => async () => (await backbone()).join() === links.join();

test("a cut link: no carrier at either end, an outage of the IGP's delay, then the other way", async () => {
  const stream = await lab.startUdpStream({ from: "alice", to: "bob", seconds: 4 });
  await lab.linkDown(CUT);
  expect(await Promise.all([carrierAt("west"), carrierAt("north")])).toEqual([false, false]);
  const { longestGapMs, received, lost, lostRuns } = await stream.result;
  expect(longestGapMs).toBeGreaterThanOrEqual(IGP_DELAY_MS - 5);
  expect(longestGapMs).toBeLessThan(GENEROUS_MS);
  expect(lostRuns).toHaveLength(1);
  expect(received + lost).toBe(4_000);
  expect(await backbone()).toEqual(["west-south", "south-east"]);
});

test("mended, packets come back to the cheap way without a loss", async () => {
  const stream = await lab.startUdpStream({ from: "alice", to: "bob", seconds: 3 });
  await lab.linkUp(CUT);
  expect((await stream.result).lost).toBe(0);
  await eventually("the cheap way is used again", routedOver(["west-north", "north-east"]));
});

test("cut and mended within the delay: routes stay as they are", async () => {
  await lab.setIgpDelay(2_000);
  const routes = async () => (await lab.exec("west", ["ip", "-6", "route", "show", "proto", "187"])).stdout;
  const before = await routes();
  await lab.linkDown(CUT);
  await lab.linkUp(CUT);
  await eventually("packets flow", async () => (await ping(lab, "alice", BOB, 2)).received === 2);
  expect((await routes()).replaceAll(" linkdown", "")).toBe(before);
  await lab.setIgpDelay(IGP_DELAY_MS);
});

test("an interface set down inside a node takes carrier from the far end; set up again everything returns", async () => {
  const interfaceName = lab.interfaceOf("north", CUT);
  await lab.exec("north", ["ip", "link", "set", "dev", interfaceName, "down"]);
  await eventually("the far end has no carrier", async () => !(await carrierAt("west")));
  await eventually("the other way is used", routedOver(["west-south", "south-east"]));
  expect((await lab.status()).links.find(({ name }) => name === "west-north")?.state.kind).toBe("no-carrier");
  await lab.exec("north", ["ip", "link", "set", "dev", interfaceName, "up"]);
  await eventually("the cheap way is used again", routedOver(["west-north", "north-east"]));
  const { stdout } = await lab.exec("north", ["ip", "-6", "route", "show", "dev", interfaceName]);
  expect(stdout).toContain("End.X");
});

test("a host that loses its only link can be reached again when it is back", async () => {
  const access = { a: "bob", b: "east" };
  await lab.linkDown(access);
  const routeTo = async () => (await lab.exec("west", ["ip", "-6", "route", "show", `${BOB}/128`])).stdout;
  await eventually("its routes are withdrawn", async () => (await routeTo()) === "");
  await lab.linkUp(access);
  await eventually("it answers", async () => (await ping(lab, "alice", BOB, 2)).received === 2);
});
