// A router between lon and gate marks outer headers; the workload behind gate sees what RFC 6040 makes of it. The network of
// ../rig/dual-stack.ts.
import { ipv4Packet } from "../../bpf/ipv4-packet";
import { PacketBuilder } from "../../bpf/packet-builder";
import { captured } from "../rig/captured";
import { send } from "../rig/datagrams";
import { DECAPSULATION, DESK, dualStack, FAMILIES, FROM_DESK, intent, STUDIO } from "../rig/dual-stack";
import { sendRaw, wrapped } from "../rig/raw-packets";
import { reasonsOf } from "../rig/reasons";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const NOT_ECT = 0;
const ECT_1 = 1;
const ECT_0 = 2;
const CE = 3;
const AF41 = 34;
const POD = { 4: "10.30.0.7", 6: "2001:db8:30::7" } as const;
const PORT = 53;

let rig: Rig;
beforeAll(async () => {
  rig = await dualStack({
    out: intent("out", "{protocol: udp}", ["mode: encap"]),
    pods: intent("pods", "{}", [`to: {prefixes: [10.30.0.0/16, "2001:db8:30::/48"]}`]),
  });
  await rig.lab.addWorkload({ host: "gate", name: "pod", attach: "routed", addresses: Object.values(POD) as never });
}, 60_000);
afterAll(() => rig.down());

test.each(FAMILIES)("IPv%i, going out: both fields are copied to the outer header", async (family) => {
  const fields = [NOT_ECT, ECT_1, ECT_0, CE];
  const { packets } = await captured(rig, { first: FROM_DESK }, async () => {
    for (const ecn of fields) {
      await send(rig, { from: "desk", address: STUDIO[family], port: 5_000, count: 1, dscp: AF41, ecn });
    }
  });
  const ours = packets.first.filter(({ transport }) => transport?.port === 5_000);
  const seen = ours.map(({ headers }) => headers.map(({ dscp, ecn }) => ({ dscp, ecn })));
  const twice = (ecn: number) => Array.from({ length: 2 }, () => ({ dscp: AF41, ecn }));
  expect(seen).toEqual(fields.map(twice));
});

// RFC 6040 section 4.2, figure 4: inside, outside, and what comes of them.
const COMBINATIONS = [
  [NOT_ECT, NOT_ECT, NOT_ECT],
  [NOT_ECT, CE, undefined],
  [ECT_0, NOT_ECT, ECT_0],
  [ECT_0, ECT_1, ECT_1],
  [ECT_0, CE, CE],
  [ECT_1, ECT_0, ECT_1],
  [ECT_1, CE, CE],
  [CE, ECT_0, CE],
] as const;

test.each(FAMILIES)("IPv%i, coming in: the two are combined, and what cannot be is dropped", async (family) => {
  const frames = COMBINATIONS.map(([inside, outside]) => {
    const tos = (AF41 << 2) | inside;
    const inner =
      family === 4
        ? ipv4Packet(DESK[4], POD[4], { tos })
        : PacketBuilder.between(DESK[6], POD[6]).trafficClass(tos).udp(PORT).packet();
    return wrapped(DESK[6], DECAPSULATION.gate, inner, outside);
  });
  const { result, packets } = await captured(rig, { pod: ["gate+pod", "eth0"] }, () =>
    reasonsOf(rig, "gate", () => sendRaw(rig, "lon", frames)),
  );
  const arrived = packets.pod.flatMap(({ transport, headers }) => (transport?.port === PORT ? headers : []));
  const expected = COMBINATIONS.flatMap(([, , ecn]) => (ecn === undefined ? [] : [{ dscp: AF41, ecn }]));
  expect(arrived).toMatchObject(expected);
  const whole = family === 4 ? "good" : undefined;
  expect(arrived.map(({ checksum }) => checksum)).toEqual(expected.map(() => whole));
  expect(result["inner_ecn_refused"]).toBe(1);
});
