import { setTimeout as sleep } from "node:timers/promises";
import { ipv6, ipv6Prefix, ipv6ToBytes, type Sid } from "@sextant/model";
import { libbpf, libc } from "../../packages/agent/src/bpf/ffi";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { buildProbePacket } from "../../packages/agent/src/bpf/probe-packet";
import { STRUCT_LAYOUTS } from "../../packages/agent/src/bpf/struct-layouts";
import { ethernet, PacketBuilder } from "./packet-builder";
import { PacketPathFixture } from "./packet-path-fixture";
import { ifindexOf, ip } from "./private-namespace";
import { peek } from "./raw-maps";
import { list, policy, rule } from "./steering";

const SELF = ipv6("2001:db8:a::1");
const loop = ["2001:db8:ffff:1::", "2001:db8:ffff:2::", "2001:db8:ffff:1::"].map((text) => ipv6(text) as Sid);
const SRH_BYTES = 8 + 16 * (loop.length + 1);
const UDP = 14 + 40 + SRH_BYTES;
const STATE = STRUCT_LAYOUTS.sxt_list_state;
const LOOPS = STRUCT_LAYOUTS.sxt_list_loops;
/** Between two probes of a list. */
const PAUSE_MS = 30;

let fixture: PacketPathFixture;
let uplink: number;

beforeAll(() => {
  fixture = PacketPathFixture.open();
  ip("link add up0 type veth peer name up1");
  ip("link set up0 up");
  ip("link set up1 up");
  ip(`-6 addr add ${SELF}/64 dev up0 nodad`);
  uplink = ifindexOf("up0");
  const nodeSid = ipv6("2001:db8:fffe:1::") as Sid;
  fixture.plane.setConfig({ nodeSid, decapsulationSid: undefined, probeMultiplier: 3, term: 1n });
  fixture.plane.addDomainSource(ipv6Prefix("2001:db8:a::/48"));
});

afterAll(() => fixture.close());

let slot: number;

/** A list as a new one: its old slot rests for a while, so each test has another. */
beforeEach(() => {
  fixture.plane.deleteList(1n);
  fixture.plane.putList(1n, probedList());
  slot = fixture.plane.probeIdentity(1n)?.slot ?? -1;
});

const probedList = (ifindex = uplink) =>
  list(ifindex, { encapsulation: "insert", segments: loop.slice(0, 2) }, { nonce: 42n });
const options = () => {
  const identity = { slot, nonce: 42n, loop: 0, loopOnly: false } as const;
  return { source: SELF, probeSegments: loop, ...identity, hopLimit: 64, signingKey: undefined };
};
const probe = (patch: Partial<Parameters<typeof buildProbePacket>[0]> = {}) =>
  ethernet(buildProbePacket({ ...options(), ...patch }));
const send = (frame = probe(), skb = {}) => fixture.run("egress", frame, { ifindex: uplink, ...skb });
const observed = () => fixture.plane.observeLists().get(1n);

/** The probe as it looks after its last hop: no segments left, destination is the sender. */
function returned(frame: Buffer): Buffer {
  const back = Buffer.from(frame);
  back[14 + 40 + 3] = 0;
  back.set(ipv6ToBytes(SELF), 14 + 24);
  return back;
}
const receive = (frame: Buffer) => fixture.run("ingress", returned(frame), { ifindex: uplink });

/** One's complement sum of UDP and its pseudo header; 0xffff when the checksum is right. */
function checksumOf(frame: Buffer): number {
  const udp = frame.subarray(UDP);
  const pseudo = [...ipv6ToBytes(SELF), ...ipv6ToBytes(SELF), udp.length >> 8, udp.length & 0xff, 0, 17];
  let sum = [...pseudo, ...udp].reduce((total, byte, i) => total + (i % 2 === 0 ? byte << 8 : byte), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Puts the counters of the list and of its first loop where a long-lived list would have them. */
function setState(sent: bigint, last: bigint): void {
  const maps = { list_states: STATE.bytes, list_loops: LOOPS.bytes };
  for (const [map, bytes] of Object.entries(maps)) {
    const fd = PinDirectory.ofInstance(fixture.instance).child("maps").open(map) ?? -1;
    const state = Buffer.alloc(bytes);
    state.writeBigUInt64LE(sent, STATE.sent);
    state.writeBigUInt64LE(last, STATE.returned);
    const key = Buffer.alloc(4);
    key.writeUInt32LE(slot);
    libbpf().bpf_map_update_elem(fd, key, state, 0);
    libc().close(fd);
  }
}

describe("a probe on its way out", () => {
  test("gets the next sequence number and the time, and keeps a right checksum", () => {
    const first = send();
    const second = send();
    expect([first.reason, second.reason]).toEqual(["probe_sent", "probe_sent"]);
    expect([first.frame.readUInt32BE(UDP + 8), second.frame.readUInt32BE(UDP + 8)]).toEqual([1, 2]);
    expect(second.frame.readUInt32BE(UDP + 16)).toBeLessThan(1_000_000_000);
    expect([first, second].map(({ frame }) => checksumOf(frame))).toEqual([0xffff, 0xffff]);
    expect(observed()).toMatchObject({ sent: 2n, returned: 0n });
  });

  test.each<[string, () => Buffer, object]>([
    ["of another list", () => probe({ slot: 5 }), {}],
    ["of a list beyond all", () => probe({ slot: 16_384 }), {}],
    ["with another nonce", () => probe({ nonce: 43n }), {}],
    ["of a loop that no list has", () => probe({ loop: 2 as 0 }), {}],
    ["that another host sent", () => probe(), { ingressIfindex: 7 }],
    [
      "that is an SRH without UDP",
      () => PacketBuilder.between(SELF, SELF).srh({ segmentsLeft: 1, segments: loop }).tcp(862).frame(),
      {},
    ],
    [
      "that is UDP of another kind",
      () => PacketBuilder.between(SELF, SELF).srh({ segmentsLeft: 1, segments: loop }).udp(862).frame(),
      {},
    ],
  ])("is nobody's when it is one %s", (_sentence, build, skb) => {
    const frame = build();
    expect(send(frame, skb)).toMatchObject({ reason: "already_routed", verdict: "next", frame });
    expect(observed()).toMatchObject({ sent: 0n });
  });

  test("leaves its list's rhythm alone where it asks after its loop alone, beside another", async () => {
    const intervalNs = () => peek(fixture.instance, "rhythms", slot, 16).readBigUInt64LE(8);
    send();
    await sleep(PAUSE_MS);
    send();
    const before = intervalNs();
    expect(before).toBeGreaterThan(BigInt(PAUSE_MS) * 900_000n);
    expect(send(probe({ loop: 1, loopOnly: true })).reason).toBe("probe_sent");
    expect(intervalNs()).toBe(before);
    send();
    expect(intervalNs()).toBeLessThan(before);
  });

  test("is moved to the list's uplink unstamped", () => {
    fixture.plane.putList(1n, probedList(ifindexOf("up1")));
    expect(send()).toMatchObject({ reason: "probe_redirected", verdict: "redirect", frame: probe() });
    expect(observed()).toMatchObject({ sent: 0n });
  });
});

describe("a probe that comes back", () => {
  test("is recorded and consumed", () => {
    const outcome = receive(send().frame);
    expect(outcome).toMatchObject({ reason: "probe_returned", verdict: "drop" });
    expect(observed()).toMatchObject({ sent: 1n, returned: 1n, returnedCount: 1n });
    expect(observed()?.roundTripNs).toBeGreaterThan(0n);
  });

  test("counts once", () => {
    const { frame } = send();
    receive(frame);
    expect(receive(frame)).toMatchObject({ reason: "probe_replayed", verdict: "drop" });
    expect(observed()).toMatchObject({ returned: 1n, returnedCount: 1n });
  });

  test("does not count after a later one", () => {
    const early = send().frame;
    receive(send().frame);
    expect(receive(early).reason).toBe("probe_replayed");
    expect(observed()).toMatchObject({ sent: 2n, returned: 2n, returnedCount: 1n });
  });

  test("does not count with a number that was not sent", () => {
    const { frame } = send();
    frame.writeUInt32BE(2, UDP + 8);
    expect(receive(frame)).toMatchObject({ reason: "probe_unsent", verdict: "drop" });
    frame.writeUInt32BE(0, UDP + 8);
    expect(receive(frame).reason).toBe("probe_unsent");
  });

  test.each<[string, number, number, string]>([
    ["with another nonce", 1, 43, "probe_forged"],
    ["for a list that is not there", 9, 200, "probe_list_unknown"],
    ["for a list beyond the last", 10, 64, "probe_list_unknown"],
    ["for a loop that no list has", 12, 2, "probe_forged"],
  ])("does not count %s", (_sentence, fromEnd, value, reason) => {
    const { frame } = send();
    frame[frame.length - fromEnd] = value;
    expect(receive(frame)).toMatchObject({ reason, verdict: "drop" });
    expect(observed()).toMatchObject({ returned: 0n, returnedCount: 0n });
  });

  test("does not count for another list, whatever it calls itself", () => {
    fixture.plane.putList(3n, list(uplink, { encapsulation: "insert", segments: loop.slice(0, 2) }, { nonce: 44n }));
    const other = fixture.plane.probeIdentity(3n)?.slot ?? -1;
    send();
    const { frame } = send(probe({ slot: other, nonce: 44n }));
    frame.writeUInt16BE(slot, frame.length - 10);
    expect(receive(frame)).toMatchObject({ reason: "probe_forged", verdict: "drop" });
    expect([observed()?.returned, fixture.plane.observeLists().get(3n)?.returned]).toEqual([0n, 0n]);
    fixture.plane.deleteList(3n);
  });

  test("does not count for a list that was made anew since", () => {
    const { frame } = send();
    fixture.plane.deleteList(1n);
    fixture.plane.putList(1n, probedList());
    slot = fixture.plane.probeIdentity(1n)?.slot ?? -1;
    send();
    expect(receive(frame)).toMatchObject({ reason: "probe_list_unknown", verdict: "drop" });
    expect(observed()).toMatchObject({ sent: 1n, returned: 0n });
  });

  test("says nothing of the round trip with a time that has not come", () => {
    receive(send().frame);
    const before = observed()?.roundTripNs;
    const { frame } = send();
    frame.writeUInt32BE(0xffff_ffff, UDP + 12);
    expect(receive(frame).reason).toBe("probe_returned");
    expect(observed()).toMatchObject({ returned: 2n, roundTripNs: before });
  });

  test.each<[string, number, string]>([
    ["sent just before the wrap, and back already", 0xffff_fffe, "probe_replayed"],
    ["sent long before it", 0x8000_0000, "probe_replayed"],
    ["sent first after it", 0, "probe_returned"],
    ["sent last", 2, "probe_returned"],
    ["to be sent next, which is taken for one of a turn ago", 3, "probe_replayed"],
    ["half a turn ahead", 0x7fff_ffff, "probe_replayed"],
  ])("around the wrap: the number %s", (_sentence, sequence, reason) => {
    setState(0x1_0000_0001n, 0xffff_fffen);
    const { frame } = send();
    for (const at of [UDP + 8, UDP + 64]) frame.writeUInt32BE(sequence, at);
    expect(receive(frame).reason).toBe(reason);
  });

  test("keeps its meaning when 32 bits of sequence number have wrapped", () => {
    setState(0xffff_ffffn, 0xffff_fffen);
    const { frame } = send();
    expect(frame.readUInt32BE(UDP + 8)).toBe(0);
    expect(receive(frame).reason).toBe("probe_returned");
    expect(observed()).toMatchObject({ sent: 0x1_0000_0000n, returned: 0x1_0000_0000n });
  });
});

describe("two loops", () => {
  const by = (loop: 0 | 1, loopOnly = false) => send(probe({ loop, loopOnly })).frame;

  test("have numbers of their own, beside those of the list; the checksum stays right", () => {
    const frames = [by(0), by(1), by(1)];
    expect(frames.map((frame) => [frame.readUInt32BE(UDP + 8), frame.readUInt32BE(UDP + 64)])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    expect(frames.map(checksumOf)).toEqual([0xffff, 0xffff, 0xffff]);
    for (const frame of frames) expect(receive(frame).reason).toBe("probe_returned");
    expect(observed()).toMatchObject({
      ...{ sent: 3n, returned: 3n, returnedCount: 3n },
      loops: [
        { sent: 1n, returned: 1n, returnedCount: 1n },
        { sent: 2n, returned: 2n, returnedCount: 2n },
      ],
    });
  });

  test("of different length: a probe counts after a later one of the other loop, and once", () => {
    const [slow, fast] = [by(1), by(0)];
    expect([fast, slow, slow, fast].map((frame) => receive(frame).reason)).toEqual([
      ...["probe_returned", "probe_returned", "probe_replayed", "probe_replayed"],
    ]);
    expect(observed()).toMatchObject({ sent: 2n, returned: 2n, returnedCount: 2n });
  });

  test("a probe that asks after its loop alone says nothing of the list", () => {
    by(0);
    const watching = by(1, true);
    expect(checksumOf(watching)).toBe(0xffff);
    expect(receive(watching).reason).toBe("probe_returned");
    expect(observed()).toMatchObject({
      ...{ sent: 1n, returned: 0n, returnedCount: 0n },
      loops: [
        { sent: 1n, returned: 0n },
        { sent: 1n, returned: 1n, returnedCount: 1n },
      ],
    });
  });

  test("a number that its loop has not sent does not count, though the list has", () => {
    by(0);
    const frame = by(1);
    frame.writeUInt32BE(2, UDP + 64);
    expect(receive(frame).reason).toBe("probe_unsent");
    expect(observed()).toMatchObject({ returned: 0n });
  });

  test("a list that never used its second loop has none", () => {
    receive(by(0));
    expect(observed()?.loops).toBeUndefined();
  });
});

describe("a list that stops answering", () => {
  const DESTINATION = "2001:db8:b::1";
  const backup = ["2001:db8:ffff:9::"].map((text) => ipv6(text) as Sid);
  const traffic = PacketBuilder.between(SELF, DESTINATION).udp(53).frame();
  const firstSegment = () => fixture.run("egress", traffic, { ifindex: uplink }).frame.subarray(38, 54);

  beforeEach(() => {
    fixture.plane.putList(2n, list(uplink, { encapsulation: "insert", segments: backup }));
    fixture.plane.putPolicy(1n, policy([1n, 2n], { onNoPath: "drop" }));
    fixture.plane.putDestination(ipv6Prefix("2001:db8:b::/48"), { rules: [rule()], packetBytesMax: undefined });
  });

  afterEach(() => {
    fixture.plane.deleteDestination(ipv6Prefix("2001:db8:b::/48"));
    fixture.plane.deletePolicy(1n);
  });

  test("is left after as many unanswered probes as the multiplier says, and used again after one answer", () => {
    const expected = [loop[0], loop[0], backup[0], loop[0]].map((sid) => Buffer.from(ipv6ToBytes(sid ?? SELF)));
    const seen: Buffer[] = [];
    send();
    send();
    seen.push(firstSegment());
    receive(send().frame);
    send();
    send();
    seen.push(firstSegment());
    const { frame } = send();
    seen.push(firstSegment());
    receive(frame);
    seen.push(firstSegment());
    expect(seen).toEqual(expected);
  });

  test("is dropped for when it was the last and the intent says so", () => {
    fixture.plane.putPolicy(1n, policy([1n], { onNoPath: "drop" }));
    for (let i = 0; i < 3; i++) send();
    expect(fixture.run("egress", traffic, { ifindex: uplink })).toMatchObject({
      reason: "no_path_dropped",
      verdict: "drop",
    });
  });
});
