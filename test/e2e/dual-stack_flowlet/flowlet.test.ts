// One flow that pauses, over the four ways of ../dual-stack_multipath/fan.yaml.
import { join } from "node:path";
import { captured, type Place } from "../rig/captured";
import { type Datagrams, exchange } from "../rig/datagrams";
import { dualStack, FAMILIES, intent, STUDIO } from "../rig/dual-stack";
import type { Rig } from "../rig/rig";

jest.setTimeout(30_000);

const WAYS = ["way1", "way2", "way3", "way4"] as const;
const FAN = join(__dirname, "..", "dual-stack_multipath", "fan.yaml");
/** A sender that waits for the processor does not pause for so long. */
const GAP_MS = 60;
const BURST = 10;
const BURSTS = 12;

let rig: Rig;
beforeAll(async () => {
  const spread = `multipath: {paths: 4, weights: equal, spread: flowlet, flowletGapUs: ${GAP_MS * 1_000}}`;
  const bursts = intent("bursts", "{protocol: udp, ports: [20000]}", [
    "objective: {minimize: igp}",
    "mode: usid",
    spread,
  ]);
  rig = await dualStack({ bursts }, { topology: FAN });
}, 60_000);
afterAll(() => rig.down());

/** Ways that the datagrams of one flow took, in the order in which they were sent. */
async function waysOf(family: 4 | 6, shape: Partial<Datagrams>): Promise<string[]> {
  const places = Object.fromEntries(WAYS.map((way): [string, Place] => [way, [way, { a: "west", b: way }]]));
  const { packets } = await captured(rig, places, () =>
    exchange(rig, { from: "desk", to: "studio", address: STUDIO[family], port: 20_000, ...shape }),
  );
  return WAYS.flatMap((way) =>
    (packets[way] ?? []).flatMap(({ time, headers, transport }) =>
      headers[1]?.version === family && transport?.port === 20_000 ? [{ time, way }] : [],
    ),
  )
    .sort((one, other) => one.time - other.time)
    .map(({ way }) => way);
}

test.each(FAMILIES)("IPv%i: a burst keeps its way; the next burst may take another", async (family) => {
  const ways = await waysOf(family, { count: BURSTS * BURST, burst: BURST, pauseMs: 2 * GAP_MS });
  const bursts = Array.from({ length: BURSTS }, (_, i) => ways.slice(i * BURST, (i + 1) * BURST));
  expect(ways).toHaveLength(BURSTS * BURST);
  expect(bursts.map((burst) => new Set(burst).size)).toEqual(bursts.map(() => 1));
  // Twelve draws among four ways.
  expect(new Set(ways).size).toBeGreaterThan(1);
});

test.each(FAMILIES)("IPv%i: shorter pauses, however many, change nothing", async (family) => {
  const ways = await waysOf(family, { count: 60, pauseMs: GAP_MS / 12 });
  expect(ways).toHaveLength(60);
  expect(new Set(ways).size).toBe(1);
});
