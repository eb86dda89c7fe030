import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { tracesOf } from "../lab_support/lab-traces";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";

//            north                       ╱ web (a cable of its own)
//         10/     \10                   ╱
//   alice──west   east──bob ══ 2001:db8:b0::/48, 203.0.113.0/24
//         20\     /20                   ╲
//            south                       ╲ bridge ═ one, two
const TOPOLOGY = join(__dirname, "..", "lab_support", "dual-stack.yaml");
const NAME = labNameFor("work");

jest.setTimeout(60_000);

let lab: Lab;
const places = new Map<string, string>();
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "work");
  for (const [name, attach, host] of [
    ["web", "routed", 7],
    ["one", "bridged", 8],
    ["two", "bridged", 9],
  ] as const) {
    const addresses = [`2001:db8:b0::${host}`, `203.0.113.${host}`] as never;
    places.set(name, await lab.addWorkload({ host: "bob", name, attach, addresses }));
  }
});
afterAll(async () => {
  await Lab.down(NAME);
  expect(tracesOf(NAME)).toEqual([]);
});

test.each([
  ["routed, IPv6", "2001:db8:b0::7"],
  ["routed, IPv4", "203.0.113.7"],
  ["bridged, IPv6", "2001:db8:b0::8"],
  ["bridged, IPv4", "203.0.113.8"],
  ["another one on the bridge", "203.0.113.9"],
])("a workload answers from afar: %s", async (_what, address) => {
  expect((await ping(lab, "alice", address)).received).toBe(5);
});

test("workloads reach the network, and one another, with their own addresses", async () => {
  const [web = "", one = ""] = ["web", "one"].map((name) => places.get(name));
  for (const [from, address] of [
    [web, "2001:db8:a::1"],
    [web, "192.0.2.1"],
    [one, "2001:db8:a::1"],
    [one, "192.0.2.1"],
    [web, "203.0.113.8"],
    [one, "2001:db8:b0::9"],
  ] as const) {
    expect([address, (await ping(lab, from, address)).received]).toEqual([address, 5]);
  }
  const capture = await lab.capture("alice", { a: "alice", b: "west" }, { filter: "icmp6", direction: "in" });
  await ping(lab, one, "2001:db8:a::1");
  expect((await capture.stop())[0]).toContain("2001:db8:b0::8 > 2001:db8:a::1");
});

test("streams to a workload, and from one in a cgroup of its host's", async () => {
  const [web = ""] = [places.get("web")];
  const streams = await Promise.all([
    lab.startUdpStream({ from: "alice", to: web, address: "203.0.113.7", seconds: 0.2 }),
    lab.startUdpStream({ from: web, to: "alice", port: 9_001, address: "192.0.2.1", seconds: 0.2, cgroup: "pods/web" }),
  ]);
  const results = await Promise.all(streams.map(({ result }) => result));
  expect(results.map(({ received }) => received)).toEqual([200, 200]);
});

test.each([
  ["an address that is not the host's", { name: "other", addresses: ["2001:db8:c::1"] }],
  ["a name that is too long", { name: "a-very-long-one", addresses: ["2001:db8:b0::1"] }],
  ["a router", { name: "other", host: "east", addresses: ["2001:db8:b0::1"] }],
])("%s is refused", async (_what, options) => {
  await expect(lab.addWorkload({ host: "bob", attach: "routed", ...options } as never)).rejects.toMatchObject({
    code: "invalid_argument",
  });
});
