// Every link carries 1500 bytes, then one in the middle fewer: nothing vanishes in silence. The network of ../rig/dual-stack.ts.
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { AT_STUDIO, dualStack, FAMILIES, intent, STUDIO, withoutOffload } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";
import { transfer } from "../rig/transfer";

jest.setTimeout(60_000);

const VIA_ZRH = "constraints: {via: [{node: ams}, {node: zrh}]}";
const MODES = ["insert", "encap", "usid"] as const;
const PORTS = { insert: 5_000, encap: 5_001, usid: 5_002 } as const;
/** The mode that IPv4 does not have is left out. */
const CASES = FAMILIES.flatMap((family) =>
  MODES.filter((mode) => family === 6 || mode !== "insert").map((mode) => [family, mode] as const),
);
/** Bytes of the largest payload that a link carries without any header of ours. */
const PLAIN = { 4: 1_472, 6: 1_452 } as const;
const NARROW = { a: "ams", b: "fra" };

let rig: Rig;
beforeAll(async () => {
  const intents = MODES.map((mode) => [mode, intent(mode, `{ports: [${PORTS[mode]}]}`, [`mode: ${mode}`, VIA_ZRH])]);
  rig = await dualStack(Object.fromEntries(intents) as Record<string, string>);
  for (const { link } of rig.lab.plan.links.values()) {
    await rig.lab.linkSet({ a: link.a, b: link.b, link: link.name }, { mtu: 1_500 });
  }
  for (const host of ["desk", "studio"]) await withoutOffload(rig, host);
  // Agents see the uplinks' size with their next look at the network.
  await rig.live(...MODES);
}, 60_000);
afterAll(() => rig.down());

test.each(CASES)("IPv%i, %s: datagrams of every size arrive, or their sender is told", async (family, mode) => {
  for (const bytes of [1_200, 1_400, PLAIN[family]]) {
    const address = STUDIO[family];
    const result = await exchange(rig, {
      ...{ from: "desk", to: "studio", address, port: PORTS[mode], bytes, tooLarge: "refuse", count: 5, pauseMs: 5 },
    });
    const refused = Object.values(result.errors).reduce((sum, count) => sum + count, 0);
    // The first one too large may be told of after it was sent; whatever is sent after that is known not to fit.
    expect([bytes, result.received.length + refused]).toEqual([bytes, expect.any(Number)]);
    expect(result.received.length + refused).toBeGreaterThanOrEqual(4);
    expect(Object.keys(result.errors).every((name) => name === "EMSGSIZE")).toBe(true);
  }
});

test.each(CASES)("IPv%i, %s: a sender that allows fragments loses nothing once it knows", async (family, mode) => {
  const { received, sent, errors } = await exchange(rig, {
    ...{ from: "desk", to: "studio", address: STUDIO[family], port: PORTS[mode], bytes: 3_000, count: 5 },
  });
  expect({ errors, lost: sent - received.length }).toEqual({ errors: {}, lost: 0 });
});

test.each(CASES)("IPv%i, %s: a connection begins with segments that fit, both ways", async (family, mode) => {
  const address = STUDIO[family];
  const { result, packets } = await captured(rig, { last: AT_STUDIO }, async () => {
    const tcp = await rig.lab.startTcp({
      ...{ from: "desk", to: "studio", address, port: PORTS[mode], mode: "echo", bytes: PLAIN[family], seconds: 0.3 },
    });
    return tcp.result;
  });
  expect(result.requests).toBeGreaterThan(5);
  const segments = packets.last.filter(
    ({ transport }) => transport?.protocol === "tcp" && transport.port === PORTS[mode],
  );
  expect(Math.max(...segments.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1_514);
  // Cut and summed up by the kernel after the header went on.
  for (const { transport, problems } of segments) expect([transport?.checksum, problems]).toEqual(["good", []]);
});

test.each(CASES)("IPv%i, %s: a link in the middle is narrower still", async (family, mode) => {
  await rig.lab.linkSet(NARROW, { mtu: 1_380 });
  try {
    const address = STUDIO[family];
    const port = PORTS[mode];
    const { sent, arrived } = await transfer(rig.lab, { from: "desk", to: "studio", address, port, bytes: 1 << 20 });
    expect(arrived).toBe(sent);
    const datagrams = {
      from: "desk",
      to: "studio",
      address,
      port,
      bytes: 1_350,
      tooLarge: "refuse",
      count: 8,
    } as const;
    const { received, errors } = await exchange(rig, { ...datagrams, pauseMs: 10 });
    // What a router says of a packet that we changed reaches the socket that sent it.
    expect(received).toEqual([]);
    expect(errors["EMSGSIZE"]).toBeGreaterThanOrEqual(5);
  } finally {
    await rig.lab.linkSet(NARROW, { mtu: 1_500 });
  }
});
