import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { tracesOf } from "../lab_support/lab-traces";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { linksUsed, ping } from "../lab_support/ping";

//            north
//         10/     \10
//   alice──west   east──bob        anna hangs off west, too
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "updown");
});
afterAll(() => Lab.down(labNameFor("updown")));

test("packets take the cheapest way, both ways, from the first one on", async () => {
  const used = await linksUsed(lab, () => ping(lab, "alice", "2001:db8:b::1", 50), 50);
  expect(used).toEqual(["west-north", "north-east", "alice-west", "bob-east"]);
});

test.each([
  ["alice", "2001:db8:b::1", "a host"],
  ["bob", "2001:db8:a::2", "a host on the other side"],
  ["alice", "2001:db8:b0:1::77", "any address of a prefix"],
  ["alice", "fcbb:bb00:3::1", "a router"],
  ["south", "2001:db8:a::1", "a host, from a router"],
])("from %s, %s (%s) answers", async (from, address) => {
  expect(await ping(lab, from, address)).toMatchObject({ sent: 5, received: 5 });
});

test("hosts keep room for headers: links of 9000, routes of 1500", async () => {
  const { stdout } = await lab.exec("alice", ["ip", "-6", "route", "get", "2001:db8:b::1"]);
  expect(stdout).toMatch(/ dev to-west .*src 2001:db8:a::1 .*mtu lock 1500/);
  const link = await lab.exec("alice", ["ip", "link", "show", "dev", "to-west"]);
  expect(link.stdout).toContain(" mtu 9000 ");
});

test("the management network reaches every host and carries nothing of the data plane", async () => {
  const address = (host: string) => lab.plan.nodes.get(host)?.management ?? "";
  expect((await ping(lab, "alice", address("bob"))).received).toBe(5);
  expect((await ping(lab, "alice", lab.plan.management.controller)).received).toBe(5);
  const used = await linksUsed(lab, () => ping(lab, "alice", address("bob"), 50), 50);
  expect(used).toEqual([]);
  expect((await ping(lab, "west", address("bob"), 1)).received).toBe(0);
});

test("a command gets its input, its cgroup and its exit status", async () => {
  const script = "grep '^0::' /proc/self/cgroup; cat; exit 7";
  const result = await lab.exec("alice", ["sh", "-c", script], { cgroup: "apps/video", input: "hello" });
  expect(result).toMatchObject({ status: 7, stdout: `0::/sextant-lab/${lab.name}/alice/apps/video\nhello` });
});

test.each([
  ["a cgroup on a router", () => lab.exec("west", ["true"], { cgroup: "apps" }), "invalid_argument"],
  ["a cgroup that leads out", () => lab.exec("alice", ["true"], { cgroup: "../bob" }), "invalid_argument"],
  ["a node that is not there", async () => lab.exec("nobody", ["true"]), "not_found"],
  ["a link that is not there", async () => lab.linkDown({ a: "west", b: "east" }), "not_found"],
  ["a negative delay", () => lab.linkSet({ a: "west", b: "north" }, { delayUs: -1 }), "invalid_argument"],
  ["a second lab of the same name", () => upLab(TOPOLOGY, "updown"), "lab_exists"],
  ["a lab that is not up", () => Lab.open("never-was"), "not_found"],
])("%s is refused", async (_what, act, code) => {
  await expect((async () => act())()).rejects.toMatchObject({ code });
});

test("status tells of every node and link what the kernel says", async () => {
  await ping(lab, "alice", "2001:db8:b::1");
  const status = await lab.status();
  expect(status).toMatchObject({ name: lab.name, igp: { state: "running", delayMs: 500 }, controller: "none" });
  expect(status.nodes.map(({ name }) => name)).toEqual(["west", "north", "south", "east", "alice", "anna", "bob"]);
  expect(status.links.map(({ state }) => state.kind)).toEqual(Array(7).fill("up"));
  expect(status.links.find(({ name }) => name === "bob-east")?.counters.a.rxPackets).toBeGreaterThanOrEqual(5);
});

test("down leaves nothing, not even what still runs inside; down of nothing is fine", async () => {
  const child = lab.spawn("alice", ["sleep", "1000"], { cgroup: "apps/sleeper" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  expect(await Lab.down(lab.name)).toBe(true);
  await ended;
  expect(tracesOf(lab.name)).toEqual([]);
  expect(await Lab.down(lab.name)).toBe(false);
});
