// The diamond of ../rig/diamond.ts. East, next to bob, sends bob packets as nobody in the SR domain would.
import { join } from "node:path";
import { PacketBuilder } from "../../bpf/packet-builder";
import { eventually } from "../../support/eventually";
import { Rig, said } from "../rig/rig";

jest.setTimeout(60_000);

const RAW_SOCKET = join(__dirname, "..", "..", "..", "packages", "agent", "dist", "bpf", "raw-socket.js");
/** Sends packets given as hex, header and all, by the routes of the node that it runs on. */
const SENDER = `
  const { RawIpv6Socket, packetBatch } = require(${JSON.stringify(RAW_SOCKET)});
  const { refused } = RawIpv6Socket.open().send(packetBatch(process.argv.slice(1).map((hex) => Buffer.from(hex, "hex"))));
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
`;
const COPIES = 5;
const PLAIN = ["ingress_plain", "no_match", "local_scope"];

const ALICE = "2001:db8:a::1";
const BOB = "2001:db8:b::1";
const BOB_SID = "fcbb:bb00:102::";
const STRANGER = "2001:db8:ffff::1";

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.up({ topology: "diamond" });
  await eventually("bob knows the SR domain", async () => (await rig.host("bob")).currentEntries === 1);
}, 60_000);
afterAll(() => rig.down());

/** Packets per reason at bob, those of probes left out: nothing is probed here. */
async function reasons(): Promise<Record<string, number>> {
  const { packetsByReason } = await rig.agentStatus("bob");
  return Object.fromEntries(Object.entries(packetsByReason).map(([name, count]) => [name, Number(count)]));
}

async function sendFromEast(packet: PacketBuilder): Promise<void> {
  const hex = packet.packet().toString("hex");
  const argv = [process.execPath, "-e", SENDER, ...Array.from({ length: COPIES }, () => hex)];
  said(await rig.lab.exec("east", argv));
}

const finished = { segmentsLeft: 0, segments: ["fcbb:bb00:3::", BOB] };

test.each([
  ["a source outside the domain", PacketBuilder.between(STRANGER, BOB).srh(finished).udp(5_000), "srh_source_refused"],
  [
    "a source outside the domain, on its way elsewhere",
    PacketBuilder.between(STRANGER, BOB_SID)
      .srh({ segmentsLeft: 1, segments: [BOB_SID, ALICE] })
      .udp(5_000),
    "srh_source_refused",
  ],
  [
    "segments left, but at an address that is no SID of the host",
    PacketBuilder.between(ALICE, BOB)
      .srh({ segmentsLeft: 1, segments: [BOB, ALICE] })
      .udp(5_000),
    "srh_not_for_host",
  ],
  [
    "a list shorter than it says",
    PacketBuilder.between(ALICE, BOB).srh(finished, { 3: 9 }).udp(5_000),
    "srh_malformed_answered",
  ],
  [
    "a routing header of another type",
    PacketBuilder.between(ALICE, BOB).srh(finished, { 2: 2 }).udp(5_000),
    "srh_type_refused",
  ],
  [
    "a probe that nobody here has sent",
    PacketBuilder.between(ALICE, BOB)
      .srh(finished)
      .udp(862, Buffer.from(`${"00".repeat(44)}0001001853455854414e5431${"00".repeat(16)}`, "hex")),
    "probe_list_unknown",
  ],
  [
    "one of the domain, for this host: taken off",
    PacketBuilder.between(ALICE, BOB).srh(finished).udp(5_000),
    "srh_stripped",
  ],
  ["none at all: left alone", PacketBuilder.between(STRANGER, BOB).udp(5_000), "ingress_plain"],
])("a packet with %s", async (_what, packet, reason) => {
  const before = await reasons();
  await sendFromEast(packet);
  const after = await reasons();
  const rose = Object.keys(after).filter((name) => after[name] !== before[name]);
  // Whatever else bob and east have to say to each other carries no routing header, answers to what is refused included.
  expect(new Set([...rose, ...PLAIN])).toEqual(new Set([reason, ...PLAIN]));
  expect((after[reason] ?? 0) - (before[reason] ?? 0)).toBeGreaterThanOrEqual(COPIES);
});

test("the controller hears of them", async () => {
  await eventually(
    "the reasons are reported",
    async () => (await rig.host("bob")).packetsByReason?.["srh_source_refused"] === 2 * COPIES,
  );
  expect(await rig.describe("host", "bob")).toMatch(/srh_source_refused +10/);
});
