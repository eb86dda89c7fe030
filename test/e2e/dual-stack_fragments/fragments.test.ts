// Datagrams larger than any link: each fragment gets the header that the first one's ports ask for. The network of
// ../rig/dual-stack.ts.
import { captured } from "../rig/captured";
import { exchange } from "../rig/datagrams";
import { AT_STUDIO, dualStack, FAMILIES, FROM_DESK, intent, STUDIO } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(60_000);

const PORT = 5_000;
const VIA_ZRH = "constraints: {via: [{node: zrh}]}";
const BYTES = 4_000;
const COUNT = 5;

let rig: Rig;
beforeAll(async () => {
  const modes = ["encap", "usid"] as const;
  const intents = modes.map((mode, i) => [
    mode,
    intent(mode, `{protocol: udp, ports: [${PORT + i}]}`, [`mode: ${mode}`, VIA_ZRH]),
  ]);
  rig = await dualStack(Object.fromEntries(intents) as Record<string, string>);
}, 60_000);
afterAll(() => rig.down());

test.each(FAMILIES.flatMap((family) => [[family, "encap", PORT] as const, [family, "usid", PORT + 1] as const]))(
  "IPv%i, %s: all fragments take the path, and the datagram arrives whole",
  async (family, mode, port) => {
    const [first = ""] = (await rig.segments(mode))[0]?.split(" ") ?? [];
    const { result, packets } = await captured(rig, { first: FROM_DESK, last: AT_STUDIO }, () =>
      exchange(rig, {
        from: "desk",
        to: "studio",
        address: STUDIO[family],
        port,
        bytes: BYTES,
        count: COUNT,
        tooLarge: "fragment",
      }),
    );
    expect(result.received.map(({ bytes }) => bytes)).toEqual(Array.from({ length: COUNT }, () => BYTES));
    const pieces = packets.first.filter(({ headers }) => headers.at(-1)?.fragment !== undefined);
    expect(pieces).toHaveLength(3 * COUNT);
    for (const { headers, problems } of pieces) {
      expect(headers).toHaveLength(2);
      expect(headers[0]).toMatchObject({ version: 6, destination: first, fragment: undefined });
      expect(headers[1]).toMatchObject({ version: family, destination: STUDIO[family] });
      expect(problems).toEqual([]);
    }
    expect(packets.last.filter(({ headers }) => headers.at(-1)?.fragment !== undefined)).toHaveLength(3 * COUNT);
  },
);
