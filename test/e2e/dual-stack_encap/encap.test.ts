// IPv6 and IPv4 of one application in outer headers, along the network of ../rig/dual-stack.ts.
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { AT_STUDIO, DECAPSULATION, DESK, dualStack, FAMILIES, FROM_DESK, intent, STUDIO } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const VIA_ZRH = "constraints: {via: [{node: ams}, {node: zrh}]}";
const INTENTS = {
  reduced: intent("reduced", "{protocol: udp, ports: [5000]}", ["mode: encap", VIA_ZRH]),
  full: intent("full", "{protocol: udp, ports: [5001]}", ["mode: encap-full", VIA_ZRH]),
  carrier: intent("carrier", "{protocol: udp, ports: [5002]}", ["mode: usid", VIA_ZRH]),
  bulk: intent("bulk", "{protocol: tcp, ports: [5003]}", ["mode: encap", VIA_ZRH]),
};
/** Expedited forwarding, ECT(0). */
const CLASS = { dscp: 46, ecn: 2 } as const;

let rig: Rig;
beforeAll(async () => {
  rig = await dualStack(INTENTS);
}, 60_000);
afterAll(() => rig.down());

/** Ten datagrams as the first router and the far end receive them. */
async function seen(family: 4 | 6, port: number, options = {}) {
  const { result, packets } = await captured(rig, { first: FROM_DESK, last: AT_STUDIO }, () =>
    exchange(rig, { from: "desk", to: "studio", address: STUDIO[family], port, ...CLASS, ...options }),
  );
  const ours = (list: (typeof packets)["first"]) => list.filter(({ transport }) => transport?.port === port);
  return { result, first: ours(packets.first), last: ours(packets.last) };
}

test.each(FAMILIES)("IPv%i, reduced: the first segment is in the destination alone", async (family) => {
  const segments = (await rig.segments("reduced"))[0]?.split(" ") ?? [];
  expect(segments.length).toBeGreaterThan(1);
  expect(segments.at(-1)).toBe(DECAPSULATION.studio);
  const { result, first, last } = await seen(family, 5_000);
  expect(result.received).toHaveLength(10);
  expect(result.received[0]?.source).toBe(DESK[family]);
  expect(first).toHaveLength(10);
  for (const { headers, problems } of first) {
    const [outer, inner] = headers;
    expect(outer).toMatchObject({ version: 6, source: DESK[6], destination: segments[0], ...CLASS });
    expect(outer?.srh).toMatchObject({
      segmentsLeft: segments.length - 1,
      lastEntry: segments.length - 2,
      flags: 0,
      tlvs: [],
    });
    expect(outer?.srh?.segments).toEqual(segments.slice(1));
    expect(inner).toMatchObject({ version: family, source: DESK[family], destination: STUDIO[family], ...CLASS });
    expect(headers).toHaveLength(2);
    expect(problems.filter((problem) => !problem.includes("checksum"))).toEqual([]);
  }
  for (const { headers } of last) expect(headers[0]).toMatchObject({ destination: DECAPSULATION.studio });
});

test.each(FAMILIES)("IPv%i, full: the whole list is in the header", async (family) => {
  const segments = (await rig.segments("full"))[0]?.split(" ") ?? [];
  const { result, first } = await seen(family, 5_001);
  expect(result.received).toHaveLength(10);
  expect(first).toHaveLength(10);
  for (const { headers } of first) {
    expect(headers[0]).toMatchObject({ destination: segments[0], ...CLASS });
    expect(headers[0]?.srh).toMatchObject({
      ...{ segmentsLeft: segments.length - 1, lastEntry: segments.length - 1, segments, flags: 0, tlvs: [] },
    });
    expect(headers[1]).toMatchObject({ version: family, destination: STUDIO[family] });
  }
});

test.each(FAMILIES)("IPv%i, one carrier: no segment routing header anywhere", async (family) => {
  const [carrier = "", ...more] = (await rig.segments("carrier"))[0]?.split(" ") ?? [];
  expect(more).toEqual([]);
  const { result, first, last } = await seen(family, 5_002);
  expect(result.received).toHaveLength(10);
  expect(first).toHaveLength(10);
  for (const { headers } of first) {
    expect(headers).toHaveLength(2);
    expect(headers[0]).toMatchObject({ destination: carrier, srh: undefined, ...CLASS });
  }
  // Each router has shifted its part away; what is left is where the far end takes the header off.
  for (const { headers } of last)
    expect(headers[0]).toMatchObject({ destination: DECAPSULATION.studio, srh: undefined });
});

test.each(FAMILIES)("IPv%i: a flow has one label, another flow another", async (family) => {
  const labels = async (sourcePort: number) =>
    new Set((await seen(family, 5_000, { sourcePort })).first.map(({ headers }) => headers[0]?.flowLabel));
  const flows = [await labels(40_001), await labels(40_002), await labels(40_003)];
  for (const flow of flows) expect(flow.size).toBe(1);
  const distinct = new Set(flows.flatMap((flow) => [...flow]));
  expect(distinct.size).toBe(3);
  expect(distinct.has(0)).toBe(false);
});

test("hop limits start anew outside, and inside nothing is counted on the way", async () => {
  const { first, last } = await seen(4, 5_000);
  const [outer, inner] = first[0]?.headers ?? [];
  const [outerAtEnd, innerAtEnd] = last[0]?.headers ?? [];
  expect(inner?.hopLimit).toBe(64);
  expect(innerAtEnd?.hopLimit).toBe(64);
  expect(outerAtEnd?.hopLimit).toBeLessThan(outer?.hopLimit ?? 0);
});

describe("over links with a delay", () => {
  beforeAll(() => rig.lab.linkSet({ a: "lon", b: "ams" }, { delayUs: 2_000 }));

  test.each(FAMILIES)("IPv%i: TCP is as fast as its round trips allow", async (family) => {
    const options = { from: "desk", to: "studio", address: STUDIO[family], port: 5_003, seconds: 2 } as const;
    const { result } = await rig.lab.startTcp({ ...options, mode: "bulk" });
    expect((await result).megabitsPerSecond).toBeGreaterThan(50);
  });
});
