// Datagrams that the kernel cuts out of one send, and those with options, in each mode, along the network of ../rig/dual-stack.ts.
import { toPort } from "../../support/decoder";
import { captured } from "../rig/captured";
import { type Datagrams, exchange } from "../rig/datagrams";
import { AT_STUDIO, DESK, dualStack, intent, STUDIO, withoutOffload } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const VIA_ZRH = "constraints: {via: [{node: ams}, {node: zrh}]}";
const MODES = { encap: 5_000, usid: 5_001, insert: 5_002 } as const;
type Mode = keyof typeof MODES;
const BEHIND_LON = ["ams", { a: "lon", b: "ams" }] as const;
const SEGMENT_BYTES = 1_000;
/** The last one is shorter. */
const SEND_BYTES = 9_500;
const SIZES = [...Array.from({ length: 9 }, () => SEGMENT_BYTES), 500];
const SENDS = 3;
const UDP_HEADER = 8;
const OPTIONS_HEADER = 8;

let rig: Rig;
beforeAll(async () => {
  const intents = Object.entries(MODES).map(([mode, port]) => [
    mode,
    intent(mode, `{protocol: udp, ports: [${port}]}`, [`mode: ${mode}`, VIA_ZRH]),
  ]);
  rig = await dualStack(Object.fromEntries(intents) as Record<Mode, string>);
}, 60_000);
afterAll(() => rig.down());

/** What arrived, and what the second router and the far end saw of it. */
async function seen(mode: Mode, family: 4 | 6, shape: Partial<Datagrams>) {
  const port = MODES[mode];
  const { result, packets } = await captured(rig, { first: BEHIND_LON, last: AT_STUDIO }, () =>
    exchange(rig, { from: "desk", to: "studio", address: STUDIO[family], port, ...shape }),
  );
  const [list = ""] = await rig.segments(mode);
  const segments = list.split(" ");
  return { segments, result, first: toPort(port, packets.first), last: toPort(port, packets.last) };
}

const sizes = (result: Awaited<ReturnType<typeof seen>>["result"]) => result.received.map(({ bytes }) => bytes);
const EVERYTHING = Array.from({ length: SENDS }, () => SIZES).flat();
const EVERY_MODE: [Mode, 4 | 6][] = [
  ["encap", 6],
  ["encap", 4],
  ["usid", 6],
  ["usid", 4],
  ["insert", 6],
];

describe("one send that becomes many datagrams", () => {
  const cut = { segmentBytes: SEGMENT_BYTES, bytes: SEND_BYTES, count: SENDS };

  test.each<[Mode, 4 | 6]>([
    ["encap", 4],
    ["usid", 6],
    ["insert", 6],
  ])("%s, IPv%i: arrives", async (mode, family) => {
    expect(sizes((await seen(mode, family, cut)).result)).toEqual(EVERYTHING);
  });

  describe("with its headers on", () => {
    // Not the sender's uplink, which then would refuse such a send.
    beforeAll(() => withoutOffload(rig, "lon"));

    test.each(EVERY_MODE)("%s, IPv%i: each datagram has headers of its own", async (mode, family) => {
      const { segments, result, first } = await seen(mode, family, cut);
      expect(sizes(result)).toEqual(EVERYTHING);
      expect(first.map(({ transport }) => transport?.length)).toEqual(EVERYTHING.map((bytes) => bytes + UDP_HEADER));
      for (const { headers, bytes, transport } of first) {
        expect(headers).toHaveLength(mode === "insert" ? 1 : 2);
        expect(headers[0]).toMatchObject({ version: 6, source: DESK[6], destination: segments[0] });
        // Behind the link's header of 14 bytes and the IPv6 header of 40.
        expect(headers[0]?.length).toBe(bytes - 54);
        expect(transport?.checksum).toBe("good");
      }
    });
  });
});

test.each<[Mode, number]>([
  ["encap", 2],
  ["usid", 2],
  ["insert", 1],
])("%s: hop-by-hop options stay with their packet", async (mode, headerCount) => {
  const { segments, result, first, last } = await seen(mode, 6, { hopByHop: true, bytes: 100 });
  expect(result).toMatchObject({ sent: 10, errors: {} });
  expect(sizes(result)).toEqual(Array.from({ length: 10 }, () => 100));
  expect([first.length, last.length]).toEqual([10, 10]);
  for (const { headers, problems } of first) {
    expect(headers).toHaveLength(headerCount);
    expect(headers[0]).toMatchObject({ source: DESK[6], destination: segments[0] });
    const srhBytes = mode === "insert" ? 8 + 16 * (headers[0]?.srh?.segments.length ?? 0) : 0;
    expect(headers.at(-1)?.length).toBe(OPTIONS_HEADER + srhBytes + UDP_HEADER + 100);
    expect(problems.filter((problem) => !problem.includes("checksum"))).toEqual([]);
  }
});
