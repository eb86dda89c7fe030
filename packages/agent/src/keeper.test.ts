import { domain, entries, list, policy } from "../../../test/support/desired";
import { missing } from "./reconcile/environment";
import { HeldHost } from "./testing/held-host";

const a = list(1);
const b = list(2);
const wanted = entries(a, policy("video", [a]), domain());

test("without a whole desired state the kernel is left alone, and entries wait", async () => {
  const first = new HeldHost();
  await first.install(wanted.values(), [], true);
  const before = first.kernel();
  const second = new HeldHost(first.plane);
  await second.keeper.load();
  const states = await second.install(entries(b).values());
  await second.settle();
  expect(states).toMatchObject([{ key: b.key, status: "waiting", reason: "no_full_sync" }]);
  expect(second.kernel()).toEqual(before);
  expect(second.file.writes).toBe(0);
  await second.install(entries(b).values(), [], true);
  await second.settle();
  expect([...second.plane.policies()]).toEqual([]);
  expect([...second.plane.lists()]).toHaveLength(1);
});

test("after a reboot the last desired state is installed from disk", async () => {
  const before = new HeldHost();
  await before.keeper.welcome(7n, { probeIntervalMs: 50, probeMultiplier: 5, reportIntervalMs: 500 });
  await before.install(wanted.values(), [], true);
  const after = new HeldHost(undefined, before.file);
  await after.keeper.load();
  await after.tick();
  expect(after.kernel()).toEqual(before.kernel());
  expect(after.plane.config()).toMatchObject({ term: 7n, probeMultiplier: 5 });
});

test("the term that the kernel remembers counts when the disk has forgotten", async () => {
  const before = new HeldHost();
  await before.keeper.welcome(9n, { probeIntervalMs: 50, probeMultiplier: 5, reportIntervalMs: 500 });
  await before.install(wanted.values(), [], true);
  expect(new HeldHost(before.plane).keeper.state.term).toBe(9n);
});

test.each([
  ["a corrupt file", { kind: "corrupt", reason: "checksum" } as const],
  [
    "a file of another host",
    { kind: "intact", text: '{"host":"h2","settings":{},"term":"3","wanted":[],"keptBack":[],"missing":[]}' } as const,
  ],
])("%s is warned about, and the kernel is left alone", async (_, stored) => {
  const before = new HeldHost();
  await before.install(wanted.values(), [], true);
  const kernel = before.kernel();
  const after = new HeldHost(before.plane);
  after.file.stored = stored;
  await after.keeper.load();
  await after.settle();
  expect(after.log).toHaveLength(1);
  expect(after.kernel()).toEqual(kernel);
  expect(after.keeper.state.wanted.size).toBe(0);
});

test("the disk knows before the kernel does", async () => {
  const host = new HeldHost();
  const putList = host.plane.putList.bind(host.plane);
  const onDisk: boolean[] = [];
  host.plane.putList = (key, value) => {
    onDisk.push(host.file.stored.kind === "intact" && host.file.stored.text.includes(a.key));
    putList(key, value);
  };
  await host.install(wanted.values(), [], true);
  expect(onDisk).toEqual([true]);
});

test("a full disk does not stop steering, and leaves no older state to come back to", async () => {
  const host = new HeldHost();
  await host.install(wanted.values(), [], true);
  host.file.full = true;
  expect(await host.install(entries(b).values())).toEqual([]);
  expect(host.plane.lists().size).toBe(2);
  expect(host.file.stored).toEqual({ kind: "absent" });
  expect(host.log.length).toBeGreaterThan(0);
});

test("a restart keeps the older version of a refused policy, and its list", async () => {
  const host = new HeldHost();
  await host.install(wanted.values(), [], true);
  const before = host.kernel();
  const refused = policy("video", [b]);
  expect(await host.install(entries(refused).values(), [a.key])).toMatchObject([{ reason: "unknown_list" }]);
  await host.settle();
  expect(host.kernel()).toEqual(before);
  const after = new HeldHost(host.plane, host.file);
  await after.keeper.load();
  await after.settle();
  expect(after.kernel()).toEqual(before);
  await after.install(entries(b).values());
  await after.settle();
  expect([...after.plane.lists().values()].map(({ firstSegment }) => firstSegment)).toEqual(b.segments);
});

test("ticks report what changed: a cgroup that appears and goes", async () => {
  const host = new HeldHost();
  await host.install(entries(a, policy("video", [a], { match: { cgroup: "app" } })).values(), [], true);
  const found = host.environment;
  host.environment = { ...found, cgroupOf: () => missing("cgroup_missing", "gone") };
  expect(await host.tick()).toMatchObject([{ key: "policy/video/h", status: "waiting", reason: "cgroup_missing" }]);
  expect(await host.tick()).toEqual([]);
  host.environment = found;
  expect(await host.tick()).toMatchObject([{ key: "policy/video/h", status: "installed" }]);
});

test("drift repairs add up", async () => {
  const host = new HeldHost();
  await host.install(wanted.values(), [], true);
  for (let i = 1; i <= 3; i++) {
    for (const prefix of host.plane.destinations().keys()) host.plane.deleteDestination(prefix);
    await host.tick();
    expect(host.keeper.driftRepairs).toBe(i);
  }
});

test("a failing data plane fails one call, not the next", async () => {
  const host = new HeldHost();
  const lists = host.plane.lists.bind(host.plane);
  host.plane.lists = () => {
    throw new Error("gone");
  };
  await expect(host.install(wanted.values(), [], true)).rejects.toThrow("gone");
  host.plane.lists = lists;
  await host.tick();
  expect(host.plane.policies().size).toBe(1);
});
