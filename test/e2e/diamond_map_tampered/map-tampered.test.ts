// The diamond of ../rig/diamond.ts. Somebody deletes map entries by hand; the agent puts them back and says so.
import { CALLS, diamondWithCalls } from "../rig/diamond";
import { eventually } from "../../support/eventually";
import { command, type Rig, said } from "../rig/rig";
import { Stream } from "../rig/stream";

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls();
  await atRest();
}, 60_000);
afterAll(() => rig.down());

/** Waits for a few reports: about as often the agent looks at its kernel, so it has seen it unchanged and expects no change. */
async function atRest(): Promise<void> {
  const seen = new Set<string | undefined>();
  await eventually("the agent has reported a few times", async () => {
    return seen.add((await rig.host("alice")).lastReport?.at).size > 4;
  });
}

test.each(["destinations", "policies", "lists", "domain_sources"])(
  "an entry of %s that is deleted by hand comes back and is reported",
  async (map) => {
    const before = await rig.mapEntries("alice", map);
    const repairs = (await rig.host("alice")).driftRepairs ?? 0;
    const key = before[0]?.key ?? [];
    said(
      await command([
        "bpftool",
        "map",
        "delete",
        "pinned",
        rig.pin("alice", map),
        "key",
        "hex",
        ...key.map((byte) => byte.slice(2)),
      ]),
    );
    expect(await rig.mapEntries("alice", map)).toHaveLength(before.length - 1);
    await eventually("the entry is back", async () => (await rig.mapEntries("alice", map)).length === before.length);
    await eventually("the repair is reported", async () => (await rig.host("alice")).driftRepairs === repairs + 1);
    await rig.live("calls");
  },
);

test("all of it under traffic: what is not steered in between is routed, nothing is lost", async () => {
  const stream = await Stream.start(rig, CALLS);
  for (const map of ["destinations", "policies"]) {
    const [entry] = await rig.mapEntries("alice", map);
    const key = entry?.key.map((byte) => byte.slice(2)) ?? [];
    said(await command(["bpftool", "map", "delete", "pinned", rig.pin("alice", map), "key", "hex", ...key]));
    await eventually("the entry is back", async () => (await rig.mapEntries("alice", map)).length === 1);
  }
  const { lost, duplicates } = await stream.end();
  expect({ lost, duplicates }).toEqual({ lost: 0, duplicates: 0 });
});
