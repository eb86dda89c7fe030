import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { eventually } from "../../support/eventually";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { linksUsed, ping } from "../lab_support/ping";

//            north
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "dual-stack.yaml");
const PACKETS = 20;

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "dual", { igpDelayMs: 0 });
});
afterAll(() => Lab.down(labNameFor("dual")));

test.each([
  ["a host by its IPv4 address", "alice", "198.51.100.1"],
  ["the other way", "bob", "192.0.2.1"],
  ["an IPv4 address in a prefix of a host", "alice", "203.0.113.77"],
  ["an IPv6 address in a prefix of a host", "alice", "2001:db8:b0::77"],
])("%s answers", async (_what, from, address) => {
  expect((await ping(lab, from, address)).received).toBe(5);
});

test("the first address of each family is the source", async () => {
  const sourceTo = async (address: string) => (await lab.exec("alice", ["ip", "route", "get", address])).stdout;
  expect(await sourceTo("198.51.100.1")).toContain("src 192.0.2.1 ");
  expect(await sourceTo("2001:db8:b::1")).toContain("src 2001:db8:a::1 ");
  expect([lab.addressOf("bob", 4), lab.addressOf("bob")]).toEqual(["198.51.100.1", "2001:db8:b::1"]);
  expect(() => lab.addressOf("west", 4)).toThrow(expect.objectContaining({ code: "not_found" }));
});

test("UDP and TCP over IPv4", async () => {
  const address = lab.addressOf("bob", 4);
  const stream = await lab.startUdpStream({ from: "alice", to: "bob", address, seconds: 0.3 });
  const tcp = await lab.startTcp({ from: "alice", to: "bob", address, mode: "echo", seconds: 0.3 });
  const { received, lost } = await stream.result;
  expect({ received, lost }).toEqual({ received: 300, lost: 0 });
  expect((await tcp.result).requests).toBeGreaterThan(5);
});

test("the IGP moves IPv4 as it moves IPv6, and back", async () => {
  const middle = async () => {
    const used = await linksUsed(lab, () => ping(lab, "alice", "198.51.100.1", PACKETS), PACKETS);
    return used.filter((link) => link.startsWith("west-"));
  };
  expect(await middle()).toEqual(["west-north"]);
  await lab.linkDown({ a: "north", b: "east" });
  await eventually("traffic is in the south", async () => (await middle()).join() === "west-south");
  await lab.linkUp({ a: "north", b: "east" });
  await eventually("traffic is in the north", async () => (await middle()).join() === "west-north");
});

test("nobody takes an outer header off at a host without an agent: the sender is told", async () => {
  const sid = lab.plan.nodes.get("bob")?.node.decapsulationSid ?? "";
  const { stdout } = await lab.exec("alice", ["ping", "-n", "-c", "1", "-W", "2", sid]);
  expect(stdout).toMatch(/From 2001:db8:b::1 icmp_seq=1 Destination unreachable/);
});
