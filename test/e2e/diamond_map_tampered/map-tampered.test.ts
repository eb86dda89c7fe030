// The diamond of ../rig/diamond.ts. Somebody takes entries out of maps by hand; the agent puts them back and says so.
import { CALLS, diamondWithCalls } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { eraseEntry, mapEntries, type ReadableMap } from "../rig/map-entries";
import { type Rig } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
  await atRest();
}, 60_000);
afterAll(() => rig.down());

async function eraseFirst(map: ReadableMap): Promise<void> {
  const [entry] = await mapEntries(rig, "alice", map);
  if (entry === undefined) throw new Error(`${map} is empty`);
  await eraseEntry(rig, "alice", map, entry);
}

/** Waits for a few reports: about as often the agent looks at its kernel, so it has seen it unchanged and expects no change. */
async function atRest(): Promise<void> {
  const seen = new Set<string | undefined>();
  await eventually("the agent has reported a few times", async () => {
    return seen.add((await rig.host("alice")).lastReport?.at).size > 4;
  });
}

test.each(["destinations", "policies", "lists", "domain_sources"] as const)(
  "an entry of %s that is taken out by hand comes back and is reported",
  async (map) => {
    const before = await mapEntries(rig, "alice", map);
    const repairs = (await rig.host("alice")).driftRepairs ?? 0;
    await eraseFirst(map);
    const isBack = async () => (await mapEntries(rig, "alice", map)).length === before.length;
    await eventually("the repair is reported", async () => (await rig.host("alice")).driftRepairs === repairs + 1);
    expect(await isBack()).toBe(true);
    await rig.live("calls");
  },
);

test("all of it under traffic: what is not steered in between is routed, nothing is lost", async () => {
  const stream = await Stream.start(rig, CALLS);
  for (const map of ["destinations", "policies"] as const) {
    const repairs = (await rig.host("alice")).driftRepairs ?? 0;
    await eraseFirst(map);
    await eventually("the entry is back", async () => (await rig.host("alice")).driftRepairs === repairs + 1);
    expect(await mapEntries(rig, "alice", map)).toHaveLength(1);
  }
  const { lost, duplicates } = await stream.end();
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
});
