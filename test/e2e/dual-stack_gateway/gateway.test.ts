// Workloads behind gate (a container with a cable of its own, another on a bridge) talk to desk: the gateway steers what it
// forwards, desk steers what it answers. The network of ../rig/dual-stack.ts.
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { AT_DESK, DECAPSULATION, DESK, dualStack, GATE, intent } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const FROM_GATE = ["mil", { a: "gate", b: "mil" }] as const;
const AT_GATE = ["gate", { a: "gate", b: "mil" }] as const;
const UDP = 6_000;
const TCP = 6_001;
const PREFIXES = `[10.30.0.0/16, "2001:db8:30::/48"]`;
const VIA_FRA = "constraints: {via: [{node: fra}]}";

const WORKLOADS = {
  pod: { attach: "routed", addresses: { 4: "10.30.0.7", 6: "2001:db8:30::7" } },
  machine: { attach: "bridged", addresses: { 4: "10.30.0.8", 6: "2001:db8:30::8" } },
} as const;
type Workload = keyof typeof WORKLOADS;

let rig: Rig;
beforeAll(async () => {
  rig = await dualStack({
    site: intent("site", `{sources: ${PREFIXES}}`, ["from: {hosts: [gate]}", "to: {hosts: [desk]}", VIA_FRA]),
    branch: intent("branch", "{}", [`to: {prefixes: ${PREFIXES}}`, VIA_FRA]),
  });
  for (const [name, { attach, addresses }] of Object.entries(WORKLOADS)) {
    await rig.lab.addWorkload({ host: "gate", name, attach, addresses: Object.values(addresses) as never });
  }
}, 60_000);
afterAll(() => rig.down());

const CASES = (Object.keys(WORKLOADS) as Workload[]).flatMap((name) => [[name, 6] as const, [name, 4] as const]);

test.each(CASES)("UDP from %s, IPv%i: in an outer header of its gateway's", async (name, family) => {
  const { result, packets } = await captured(rig, { first: FROM_GATE, last: AT_DESK }, () =>
    exchange(rig, { from: `gate+${name}`, to: "desk", address: DESK[family], port: UDP }),
  );
  const own = WORKLOADS[name].addresses[family];
  expect(result.received.map(({ source }) => source)).toEqual(Array.from({ length: 10 }, () => own));
  const ours = packets.first.filter(({ transport }) => transport?.port === UDP);
  expect(ours).toHaveLength(10);
  for (const { headers } of ours) {
    expect(headers[0]).toMatchObject({ version: 6, source: GATE[6] });
    expect(headers[1]).toMatchObject({ version: family, source: own, destination: DESK[family], hopLimit: 63 });
  }
  const arrived = packets.last.filter(({ transport }) => transport?.port === UDP);
  for (const { headers } of arrived) expect(headers[0]?.destination).toBe(DECAPSULATION.desk);
});

test.each(CASES)("UDP to %s, IPv%i: its gateway takes the header off", async (name, family) => {
  const address = WORKLOADS[name].addresses[family];
  const { result, packets } = await captured(rig, { gate: AT_GATE, inside: [`gate+${name}`, "eth0"] }, () =>
    exchange(rig, { from: "desk", to: `gate+${name}`, address, port: UDP }),
  );
  expect(result.received).toHaveLength(10);
  const outside = packets.gate.filter(({ transport }) => transport?.port === UDP);
  expect(outside).toHaveLength(10);
  for (const { headers } of outside) expect(headers[0]?.destination).toBe(DECAPSULATION.gate);
  const inside = packets.inside.filter(({ transport }) => transport?.port === UDP);
  expect(inside).toHaveLength(10);
  for (const { headers } of inside) {
    expect(headers).toHaveLength(1);
    expect(headers[0]).toMatchObject({ source: DESK[family], destination: address });
  }
});

test.each(CASES)("TCP with %s, IPv%i: both ways steered, large writes too", async (name, family) => {
  const address = WORKLOADS[name].addresses[family];
  const steered = async (host: string) => Number((await rig.agentStatus(host)).packetsByReason["encapsulated"]);
  const before = [await steered("desk"), await steered("gate")];
  const [there, back] = await Promise.all([
    rig.lab.startTcp({
      from: "desk",
      to: `gate+${name}`,
      address,
      port: TCP,
      mode: "echo",
      bytes: 20_000,
      seconds: 0.3,
    }),
    rig.lab.startTcp({
      ...{ from: `gate+${name}`, to: "desk", address: DESK[family], port: TCP, mode: "bulk", seconds: 0.3 },
    }),
  ]);
  const [echo, bulk] = await Promise.all([there.result, back.result]);
  expect(echo.requests).toBeGreaterThan(5);
  expect(bulk.bytes).toBeGreaterThan(1_000_000);
  const after = [await steered("desk"), await steered("gate")];
  after.forEach((count, i) => expect(count - (before[i] ?? 0)).toBeGreaterThan(echo.requests));
});
