import { join } from "node:path";
import { Lab, type LinkName } from "@sextant/lab";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { linksUsed, ping } from "../lab_support/ping";

//            ═ upper 10 ═
//  alice──west           east──bob        anna hangs off west, too
//            ═ lower 11 ═
//          10\           /10
//             ──detour──
const TOPOLOGY = join(__dirname, "parallel.yaml");
const WEST = "fcbb:bb00:1::";
const EAST = "fcbb:bb00:2::";
const DETOUR = "fcbb:bb00:3::";
const WEST_UPPER = "fcbb:bb00:1:e001::";
const WEST_LOWER = "fcbb:bb00:1:e002::";
const BOB = "fcbb:bb00:102::";
const EAST_LOWER = "fcbb:bb00:2:e002::";
const PACKETS = 20;

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "segments");
});
afterAll(() => Lab.down(labNameFor("segments")));

/** Has alice's kernel put a segment list on what she sends to an address. */
async function steer(address: string, segments: readonly string[]): Promise<void> {
  const uplink = lab.plan.nodes.get("alice")?.ends[0];
  const via = `via ${uplink?.peerAddress ?? ""} dev ${uplink?.interfaceName ?? ""} src 2001:db8:a::1 metric 1`;
  const argv = `ip -6 route replace ${address}/128 encap seg6 mode inline segs ${segments.join(",")} ${via}`.split(" ");
  expect((await lab.exec("alice", argv)).stderr).toBe("");
}

/** Backbone links that packets from alice took towards bob; answers come back by plain routing, over `upper`. */
async function outbound(segments: readonly string[]): Promise<string[]> {
  await steer("2001:db8:b::1", segments);
  const used = await linksUsed(lab, () => pingAll("2001:db8:b::1"), PACKETS);
  return used.filter((link) => !/alice|bob/.test(link));
}

async function pingAll(address: string): Promise<void> {
  expect((await ping(lab, "alice", address, PACKETS)).received).toBe(PACKETS);
}

test.each<[string, readonly string[], readonly string[]]>([
  ["End of the next router", [WEST], ["upper"]],
  ["End of a router beside the way", [DETOUR], ["upper", "west-detour", "detour-east"]],
  ["two Ends", [WEST, EAST], ["upper"]],
  ["End.X over the fibre that plain routing would not take", [WEST_LOWER], ["upper", "lower"]],
  ["End.X over the other one", [WEST_UPPER], ["upper"]],
  ["End.X, then End", [WEST_LOWER, EAST], ["upper", "lower"]],
  ["End, then End.X", [WEST, WEST_LOWER, EAST], ["upper", "lower"]],
  ["a carrier of uN and uA", ["fcbb:bb00:1:e002:2::"], ["upper", "lower"]],
  ["a carrier of three uN", ["fcbb:bb00:1:3:2::"], ["upper", "west-detour", "detour-east"]],
])("%s: answered, over the links meant", async (_what, segments, links) => {
  expect(await outbound(segments)).toEqual(links);
});

test("on the wire: each segment in turn is the destination, the rest is in the header", async () => {
  await steer("2001:db8:b::1", [WEST_LOWER, EAST]);
  const lower: LinkName = { a: "west", b: "east", link: "lower" };
  const access: LinkName = { a: "bob", b: "east" };
  const captures = await Promise.all([
    lab.capture("west", { a: "alice", b: "west" }, { filter: "ip6 proto 43", direction: "in" }),
    lab.capture("east", lower, { filter: "ip6 proto 43", direction: "in" }),
    lab.capture("bob", access, { filter: "ip6 proto 43", direction: "in" }),
  ]);
  await pingAll("2001:db8:b::1");
  const [sent, crossed, arrived] = await Promise.all(captures.map((capture) => capture.stop()));
  const expected = [
    [sent, "2001:db8:a::1 > fcbb:bb00:1:e002::: ", 2],
    [crossed, `2001:db8:a::1 > ${EAST}: `, 1],
    [arrived, "2001:db8:a::1 > 2001:db8:b::1: ", 0],
  ] as const;
  for (const [packets, addresses, left] of expected) {
    expect(packets).toHaveLength(PACKETS);
    expect(packets?.[0]).toContain(addresses);
    expect(packets?.[0]).toMatch(new RegExp(`type=4.*segleft=${left}\\b`));
  }
});

test("the End SID of a host turns a loop round: no program runs there", async () => {
  await steer("2001:db8:a::2", [WEST_LOWER, BOB, EAST_LOWER]);
  const at = { a: "bob", b: "east" };
  const [coming, going] = await Promise.all([
    lab.capture("bob", at, { filter: "ip6 proto 43", direction: "in" }),
    lab.capture("bob", at, { filter: "ip6 proto 43", direction: "out" }),
  ]);
  const used = await linksUsed(lab, () => pingAll("2001:db8:a::2"), PACKETS);
  expect(used).toEqual(["lower", "alice-west", "anna-west", "bob-east"]);
  expect((await coming.stop())[0]).toContain(`2001:db8:a::1 > ${BOB}: `);
  expect((await going.stop())[0]).toContain(`2001:db8:a::1 > ${EAST_LOWER}: `);
});
