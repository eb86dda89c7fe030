// Lon, next to desk, sends studio packets in outer headers as desk would, with inner sources of its own choice. The network of
// ../rig/dual-stack.ts.
import { ipv4Packet } from "../../bpf/ipv4-packet";
import { PacketBuilder } from "../../bpf/packet-builder";
import { captured } from "../rig/captured";
import { AT_STUDIO, DECAPSULATION, DESK, dualStack, GATE, intent, STUDIO } from "../rig/dual-stack";
import { sendRaw, wrapped } from "../rig/raw-packets";
import { reasonsOf } from "../rig/reasons";
import { type Rig } from "../rig/rig";

jest.setTimeout(60_000);

const COPIES = 5;
const STRANGER = "2001:db8:ffff::1";

let rig: Rig;
beforeAll(async () => {
  rig = await dualStack({ all: intent("all", "{}", ["mode: encap"]) });
}, 60_000);
afterAll(() => rig.down());

const v6 = (source: string) => PacketBuilder.between(source, STUDIO[6]).udp(5_000).packet();
const v4 = (source: string) => ipv4Packet(source, STUDIO[4]);

test.each([
  ["its own IPv6 address", DESK[6], v6(DESK[6]), "decapsulated"],
  ["its own IPv4 address", DESK[6], v4(DESK[4]), "decapsulated"],
  ["the IPv6 address of another host", DESK[6], v6(GATE[6]), "inner_source_refused"],
  ["the IPv4 address of another host", DESK[6], v4(GATE[4]), "inner_source_refused"],
  ["an IPv4 address of nobody", DESK[6], v4("192.0.2.99"), "inner_source_refused"],
  ["the receiver's own address", DESK[6], v6(STUDIO[6]), "inner_source_refused"],
  ["its own address, from a host without a policy that leads there", GATE[6], v6(GATE[6]), "inner_source_refused"],
  ["its own address, from outside the domain", STRANGER, v6(STRANGER), "decapsulation_source_refused"],
])("inside is %s", async (_what, outer, inner, reason) => {
  const packet = wrapped(outer, DECAPSULATION.studio, inner);
  const counted = await reasonsOf(rig, "studio", () =>
    sendRaw(
      rig,
      "lon",
      Array.from({ length: COPIES }, () => packet),
    ),
  );
  const known = ["decapsulated", "inner_source_refused", "decapsulation_source_refused"];
  const seen = Object.entries(counted).filter(([name]) => known.includes(name));
  expect(seen).toEqual([[reason, COPIES]]);
});

test("what is refused reached the host, and goes no further", async () => {
  const inner = PacketBuilder.between(GATE[6], STUDIO[6]).icmp(128).packet();
  const { packets } = await captured(rig, { last: AT_STUDIO, answers: ["vie", { a: "studio", b: "vie" }] }, () =>
    sendRaw(rig, "lon", [wrapped(DESK[6], DECAPSULATION.studio, inner)]),
  );
  const isPing = ({ transport, headers }: (typeof packets)["last"][number]) =>
    transport?.icmp !== undefined && headers.some(({ source, destination }) => [source, destination].includes(GATE[6]));
  expect(packets.last.filter(isPing)).toHaveLength(1);
  expect(packets.answers.filter(isPing)).toEqual([]);
});
