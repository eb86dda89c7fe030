import { ipv6, ipv6Prefix, parseIpPrefix, type IpPrefix } from "@sextant/model";
import { eventually } from "../support/eventually";
import { DECAPSULATION_SID, ingressWorld, OUTSIDER, PEER, SEGMENT, SELF, WORKLOAD } from "./ingress-world";
import { PacketBuilder } from "./packet-builder";
import type { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";

/** 25 ticks of the slowest clock that kernels have. */
const REMEMBERED_MS = 250;
/** Enough for every CPU to have been asked, should the thread move. */
const REPETITIONS = 4;
/** Of the domain from time to time. */
const NEWCOMER = "2001:db8:e::1";
const NEWCOMER_PREFIX = "2001:db8:e::/48";
/** Of the domain; may bring what PEER may, from time to time. */
const COLLEAGUE = "2001:db8:b:1::1";
const COLLEAGUE_PREFIX = "2001:db8:b:1::/64";
const SECOND_ADDRESS = "2001:db8:a::2";

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  ({ fixture, uplink } = ingressWorld());
});

afterAll(() => fixture.close());

const arrived = (frame: Buffer, ifindex = uplink) => fixture.run("ingress", frame, { ifindex }).reason;
/** The answer to the same packet several times over: what was remembered of it is asked, too. */
const remembered = (frame: Buffer, ifindex = uplink) => [
  ...new Set(Array.from({ length: REPETITIONS }, () => arrived(frame, ifindex))),
];
const holding = (source: string, destination = SELF, sender = PEER) =>
  PacketBuilder.between(sender, DECAPSULATION_SID)
    .raw(41, PacketBuilder.between(source, destination).udp(53).packet())
    .frame();
const finished = (source: string, destination = SELF) =>
  PacketBuilder.between(source, destination)
    .srh({ segmentsLeft: 0, segments: [SEGMENT, destination] })
    .udp(53)
    .frame();

describe("ends at once", () => {
  test("with what a sender may bring", () => {
    const sender = { sender: ipv6(PEER), inner: parseIpPrefix(NEWCOMER_PREFIX) as IpPrefix };
    fixture.plane.addSender(sender);
    expect(remembered(holding(NEWCOMER))).toEqual(["decapsulated"]);
    fixture.plane.deleteSender(sender);
    expect(remembered(holding(NEWCOMER))).toEqual(["inner_source_refused"]);
  });

  test.each<[string, (source: string) => Buffer, string, string]>([
    ["a finished SRH", finished, "srh_stripped", "srh_source_refused"],
    [
      "an outer header",
      (source) => holding(PEER, SELF, source),
      "inner_source_refused",
      "decapsulation_source_refused",
    ],
  ])("with a source of the domain: %s", (_what, frame, before, after) => {
    const prefix = ipv6Prefix(NEWCOMER_PREFIX);
    fixture.plane.addDomainSource(prefix);
    expect(remembered(frame(NEWCOMER))).toEqual([before]);
    fixture.plane.deleteDomainSource(prefix);
    expect(remembered(frame(NEWCOMER))).toEqual([after]);
  });

  test("with what one of two senders may bring", () => {
    const sender = { sender: ipv6(COLLEAGUE), inner: parseIpPrefix(COLLEAGUE_PREFIX) as IpPrefix };
    fixture.plane.addSender(sender);
    expect(remembered(holding(COLLEAGUE, SELF, COLLEAGUE))).toEqual(["decapsulated"]);
    fixture.plane.deleteSender(sender);
    expect(remembered(holding(COLLEAGUE))).toEqual(["decapsulated"]);
    expect(remembered(holding(COLLEAGUE, SELF, COLLEAGUE))).toEqual(["inner_source_refused"]);
  });
});

describe("ends within some ticks of the clock, as nobody tells", () => {
  test("when an address is taken off the host", async () => {
    ip(`-6 addr add ${SECOND_ADDRESS}/128 dev up0 nodad`);
    const frame = finished(PEER, SECOND_ADDRESS);
    // A kernel worker makes the route of a new address, some time after the command has ended.
    await eventually("it is local", () => arrived(frame) === "srh_stripped");
    expect(remembered(frame)).toEqual(["srh_stripped"]);
    ip(`-6 addr del ${SECOND_ADDRESS}/128 dev up0`);
    await eventually("it is not local", () => arrived(frame) === "srh_not_for_host", REMEMBERED_MS);
  });

  test("when the route to a workload turns back to the uplink", async () => {
    const workload = "2001:db8:f::9";
    ip("-6 route add 2001:db8:f::/48 dev w0");
    expect(remembered(holding(PEER, workload))).toEqual(["decapsulated"]);
    ip("-6 route replace 2001:db8:f::/48 via fe80::1 dev up0");
    await eventually(
      "it is turned back",
      () => arrived(holding(PEER, workload)) === "inner_turned_back",
      REMEMBERED_MS,
    );
  });
});

describe("says nothing about another", () => {
  test("interface", () => {
    expect(remembered(holding(PEER, WORKLOAD))).toEqual(["decapsulated"]);
    expect(remembered(holding(PEER, WORKLOAD), ifindexOf("w0"))).toEqual(["inner_turned_back"]);
  });

  test.each(["2001:db8:b::7", "::", "::1", "fe80::1"])("destination: %s", (other) => {
    expect(remembered(finished(PEER))).toEqual(["srh_stripped"]);
    expect(remembered(finished(PEER, other))).toEqual(["srh_not_for_host"]);
  });

  test.each(["::", "::1", OUTSIDER])("source: %s", (other) => {
    expect(remembered(finished(PEER))).toEqual(["srh_stripped"]);
    expect(remembered(finished(other))).toEqual(["srh_source_refused"]);
  });

  test("sender of the same packet", () => {
    expect(remembered(holding(PEER))).toEqual(["decapsulated"]);
    expect(remembered(holding(PEER, SELF, "2001:db8:b::2"))).toEqual(["inner_source_refused"]);
  });

  test("question: who may send headers may not be brought by anybody", () => {
    const prefix = ipv6Prefix(NEWCOMER_PREFIX);
    fixture.plane.addDomainSource(prefix);
    expect(remembered(finished(NEWCOMER))).toEqual(["srh_stripped"]);
    expect(remembered(holding(NEWCOMER))).toEqual(["inner_source_refused"]);
    fixture.plane.deleteDomainSource(prefix);
  });
});
