// Twenty hosts send over one link; three of them probe fast enough to notice when it breaks. See ../rig/twenty.yaml.
import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import { eventually } from "../../support/eventually";
import { onTheWire } from "../rig/on-the-wire";
import type { Rig } from "../rig/rig";
import { Stream } from "../rig/stream";
import { allNorth, BROKEN, callsOf, NOTICING, onNorth, SENDERS, SLOW_INTERVAL_MS, twenty } from "../rig/twenty";

jest.setTimeout(240_000);

/** Those that probe slowly would notice after three probes. */
const NOTICE_BY_ITSELF_MS = 3 * SLOW_INTERVAL_MS;
/** Streams of some hosts: one that notices, and some that do not, behind different routers. */
const WATCHED = ["host-1", "host-2", "host-3", "host-4", "host-20"];
const WAYS = { north: BROKEN, south: { a: "hub-south", b: "far-south" } } as const;

let rig: Rig;
beforeAll(async () => {
  rig = await twenty();
}, 200_000);
afterAll(() => rig.down());

async function told(of: string): Promise<string[]> {
  const { stdout } = await rig.sextant(["events", "--for", of, "-o", "json"]);
  return (JSON.parse(stdout) as { items: ControllerEvent[] }).items.map(({ reason }) => reason);
}

/** Which ways the packets of a host take in a moment of traffic, as captured behind the hubs. */
async function waysOf(host: string): Promise<string[]> {
  const flow = { host, port: callsOf(host).port };
  const [north, south] = await Promise.all([
    onTheWire(rig, flow, BROKEN.a, { north: WAYS.north }),
    onTheWire(rig, flow, WAYS.south.a, { south: WAYS.south }),
  ]);
  return Object.entries({ ...north, ...south }).flatMap(([way, packets]) => (packets.length > 0 ? [way] : []));
}

test("seventeen hosts leave the link before they have noticed anything; three have", async () => {
  expect((await onNorth(rig)).sort()).toEqual([...SENDERS].sort());
  const streams = await Promise.all(WATCHED.map((from) => Stream.start(rig, callsOf(from))));
  for (const host of WATCHED) expect([host, await waysOf(host)]).toEqual([host, ["north"]]);

  await rig.lab.linkBlackhole(BROKEN);
  await eventually("nobody is on the north any more", async () => (await onNorth(rig)).length === 0);
  for (const host of WATCHED) expect([host, await waysOf(host)]).toEqual([host, ["south"]]);
  expect(await told(`link/${BROKEN.a}-${BROKEN.b}`)).toContain("LinkDown");
  const results = await Promise.all(streams.map((stream) => stream.end()));
  for (const [i, { lostRuns, longestGapMs }] of results.entries()) {
    expect([WATCHED[i], lostRuns.length]).toEqual([WATCHED[i], 1]);
    expect(longestGapMs).toBeLessThan(NOTICE_BY_ITSELF_MS - SLOW_INTERVAL_MS);
  }
  for (const host of WATCHED.filter((name) => !NOTICING.some((other) => other === name)))
    expect([host, (await told(`host/${host}`)).filter((reason) => reason === "PathDead")]).toEqual([host, []]);

  await rig.lab.linkRestore(BROKEN);
  await allNorth(rig);
});
