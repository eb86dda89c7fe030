import { addressPrefix, type Ipv6Address, ipv6, ipv6Prefix, ipv6ToBytes, isIpv4, type Sid } from "@sextant/model";
import { BpfMap } from "../../packages/agent/src/bpf/bpf-map";
import { libc } from "../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import type { KernelList, KernelRule } from "../../packages/agent/src/reconcile/data-plane";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { headerOnPacket } from "../../packages/agent/src/trace/header-on-packet";
import { listsTaken, traceDecision, traceFit, type TraceState } from "../../packages/agent/src/trace/trace-decision";
import { traceState } from "../../packages/agent/src/trace/trace-state";
import type { TracedPacket } from "../../packages/agent/src/trace/traced-packet";
import { seededRandom } from "../bench/generated-network";
import { ipv4Packet } from "./ipv4-packet";
import { ethernet, PacketBuilder } from "./packet-builder";
import { type Outcome, PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";
import { Dice, emptyPlane, fillAtRandom, randomPacket } from "./random-rules";

/** Random packets sent through each random set of rules. */
const PACKETS = 200;
const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ROUTING = 43;

let fixture: PacketPathFixture;
let uplink: number;
beforeAll(() => {
  fixture = PacketPathFixture.open();
  ip("link add up0 type veth peer name up1");
  ip("link set up0 mtu 9000 up");
  ip("link set up1 mtu 9000 up");
  uplink = ifindexOf("up0");
  fixture.plane.setConfig({
    nodeSid: ipv6("2001:db8:ffff::") as Sid,
    decapsulationSid: undefined,
    probeMultiplier: 3,
    term: 1n,
  });
  fixture.plane.addDomainSource(ipv6Prefix("2001:db8::/32"));
});
afterAll(() => fixture.close());
afterEach(() => emptyPlane(fixture.plane));

test("the sender of a packet that does not fit is told the size that the trace names", () => {
  const [source, destination] = ["2001:db8:a::1", "2001:db8:b::1"].map((text) => ipv6(text)) as [
    Ipv6Address,
    Ipv6Address,
  ];
  const { plane } = fixture;
  const segments = [ipv6("2001:db8:ffff:1::") as Sid];
  const bytes = headerBytes({ encapsulation: "insert", segments, source, signingKey: undefined });
  plane.putList(1n, {
    ...bytes,
    encapsulation: "insert",
    nextHop: { ifindex: uplink, gateway: undefined },
    mtu: 1_500,
    nonce: 1n,
  });
  plane.putPolicy(11n, {
    candidates: [{ lists: [{ list: 1n, weight: 1 }] }],
    onNoPath: "drop",
    spread: { kind: "flow" },
  });
  plane.putDestination(addressPrefix(destination), {
    rules: [{ ...NOTHING_ASKED, policy: 11n }],
    packetBytesMax: undefined,
  });
  const packet: TracedPacket = { ...UDP_PACKET, source, destination, bytes: 1_480 };
  expect(foretell(traceState(plane), packet)).toMatchObject({ exit: "too_big", tellsMtu: 1_460 });
  const { reason, frame } = fixture.run("egress", frameOf(packet), { ifindex: uplink });
  expect(reason).toBe("too_big_dropped_told");
  expect(frame.readUInt32BE(ETHERNET_BYTES + 40 + 4)).toBe(1_460);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "random rules, seed %i: the trace foretells what the program does, byte by byte",
  (seed) => {
    const dice = new Dice(seededRandom(seed));
    fillAtRandom(fixture.plane, uplink, dice);
    killSomeLists(dice);
    const state = traceState(fixture.plane);
    const exits = new Set<string>();
    for (let i = 0; i < PACKETS; i++) {
      const packet = randomPacket(dice);
      const { exit, frame } = foretell(state, packet);
      const outcome = fixture.run("egress", frameOf(packet), { ifindex: uplink });
      expect({ packet, ...seen(outcome) }).toEqual({ packet, exit, frame });
      exits.add(exit);
    }
    expect(exits.size).toBeGreaterThan(2);
  },
);

const NOTHING_ASKED: Omit<KernelRule, "policy"> = {
  rank: 1n,
  protocol: undefined,
  source: undefined,
  sourcePorts: undefined,
  ports: undefined,
  dscp: undefined,
  cgroup: undefined,
  uid: undefined,
  executable: undefined,
};
const UDP_PACKET = {
  protocol: 17,
  sourcePort: 40_000,
  destinationPort: 5_000,
  dscp: 0,
  socket: undefined,
  forwarded: false,
};

/** What the trace says will become of a packet: the exit and, where the packet goes on, the frame. */
function foretell(state: TraceState, packet: TracedPacket) {
  const decision = traceDecision(state, packet);
  const [taken] = listsTaken(decision, packet);
  const list = taken?.list;
  const unchanged = frameOf(packet).toString("hex");
  if (list === undefined) {
    const exit = decision.end ?? "nothing";
    return { exit, frame: exit === "no_path_dropped" ? "" : unchanged, tellsMtu: null };
  }
  const fit = traceFit(list, packet, fixture.plane.domainSources());
  switch (fit.kind) {
    case "fits": {
      const exit = list.encapsulation === "insert" ? "inserted" : "encapsulated";
      return { exit, frame: frameOn(list, packet).toString("hex"), tellsMtu: null };
    }
    case "refused":
      return { exit: fit.reason, frame: unchanged, tellsMtu: null };
    case "too_big":
      return { exit: "too_big", frame: "", tellsMtu: fit.tellsMtu };
  }
}

/** What has become of it, in the same words. Whether its sender is told depends on how many were told just before. */
function seen({ reason, verdict, frame }: Outcome) {
  const exit = reason.startsWith("too_big") ? "too_big" : reason.replace(/_redirected$/, "");
  return { exit, frame: verdict === "drop" || exit === "too_big" ? "" : frame.toString("hex") };
}

function frameOf({ source, destination, protocol, sourcePort, destinationPort, dscp, bytes }: TracedPacket): Buffer {
  const payload = Buffer.alloc(bytes - (isIpv4(destination) ? 20 : 40));
  payload.set([128], 0); // echo request, where there are no ports
  if (sourcePort !== undefined) payload.writeUInt16BE(sourcePort);
  if (destinationPort !== undefined) payload.writeUInt16BE(destinationPort, 2);
  if (isIpv4(destination)) {
    return ethernet(ipv4Packet(source, destination, { tos: dscp << 2, protocol, payload }), ETHERTYPE_IPV4);
  }
  return PacketBuilder.between(source, destination)
    .trafficClass(dscp << 2)
    .raw(protocol, payload)
    .frame();
}

/** The frame with the header of the list on it. */
function frameOn(list: KernelList, packet: TracedPacket): Buffer {
  const frame = frameOf(packet);
  const header = headerOnPacket(list, packet);
  const [link, inner] = [frame.subarray(0, ETHERNET_BYTES), frame.subarray(ETHERNET_BYTES)];
  if (list.encapsulation === "encap") return ethernet(Buffer.concat([header, inner]));
  const ip6 = Buffer.from(inner.subarray(0, 40));
  ip6.writeUInt16BE(ip6.readUInt16BE(4) + header.length, 4);
  ip6.writeUInt8(ROUTING, 6);
  ip6.set(ipv6ToBytes(list.firstSegment), 24);
  return Buffer.concat([link, ip6, header, inner.subarray(40)]);
}

/** Makes every third list or so look as if its probes did not come back. */
function killSomeLists(dice: Dice): void {
  const fd = PinDirectory.ofInstance(fixture.instance).child("maps").open("list_states");
  if (fd === undefined) throw new Error("no list states");
  const states = new BpfMap(fd, { name: "list_states", keyBytes: 4, valueBytes: 32 });
  for (const key of fixture.plane.lists().keys()) {
    const [index, state] = [Buffer.alloc(4), Buffer.alloc(32)];
    index.writeUInt32LE(fixture.plane.probeIdentity(key)?.slot ?? 0);
    state.writeBigUInt64LE(dice.random() < 0.3 ? 9n : 0n);
    states.update(index, state);
  }
  libc().close(fd);
}
