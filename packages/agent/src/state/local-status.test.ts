import { kernelKeyOf, policyKey } from "@sextant/model";
import { domain, entries, list, policy, probing } from "../../../../test/support/desired";
import { HeldHost } from "../testing/held-host";
import { localStatus } from "./local-status";

const a = list(1);
const b = list(2);

const HERE = { instance: "i", live: undefined, links: new Map([[2, "up0"]]), layoutVersion: 2 };

async function installed(): Promise<HeldHost> {
  const host = new HeldHost();
  await host.install(entries(a, b, policy("video", [a, b]), domain()).values(), [], true);
  host.plane.observed(kernelKeyOf(a.key), { sent: 9n, returned: 5n, returnedCount: 5n, roundTripNs: 2_000_000n });
  host.plane.observed(kernelKeyOf(b.key), { sent: 9n, returned: 9n, returnedCount: 9n });
  host.plane.attach(2);
  return host;
}

test("kernel and disk side by side", async () => {
  const { plane, keeper } = await installed();
  const status = localStatus({ ...HERE, runningPid: 7, plane, state: keeper.state });
  expect(status).toMatchObject({
    instance: "i",
    host: "h1",
    agent: { running: true, pid: 7 },
    term: "0",
    nodeSid: "2001:db8:99::",
    uplinks: [{ name: "up0", ifindex: 2, hook: "tcx" }],
    layoutVersion: 2,
    domainSources: ["2001:db8::/32"],
    packetsByReason: { no_match: "0" },
  });
  expect(status.lists.map(({ list: key, state }) => [key, state])).toEqual([
    [b.key, "alive"],
    [a.key, "dead"],
  ]);
  expect(status.policies).toMatchObject([
    { policy: "policy/video/h", installed: true, current: true, activeCandidate: 1, candidates: [[a.key], [b.key]] },
  ]);
});

test("a list whose first segment has lost its route is dead: no policy uses it, and no probe leaves", async () => {
  const { plane, keeper } = await installed();
  const policyKernelKey = kernelKeyOf(policyKey("video", "h"));
  plane.observed(kernelKeyOf(a.key), { sent: 5n, returned: 5n, returnedCount: 5n });
  const states = () => {
    const status = localStatus({ ...HERE, runningPid: 7, plane, state: keeper.state });
    return Object.fromEntries(status.lists.map(({ list: key, state }) => [key, state]));
  };
  expect(states()).toEqual({ [a.key]: "alive", [b.key]: "alive" });
  const held = plane.policies().get(policyKernelKey);
  if (held === undefined) throw new Error("the policy is installed");
  plane.putPolicy(policyKernelKey, { ...held, candidates: [{ lists: [] }, ...held.candidates.slice(1)] });
  expect(states()).toEqual({ [a.key]: "dead", [b.key]: "alive" });
});

test("a policy whose newest version was refused is installed but not current", async () => {
  const host = await installed();
  await host.install(entries(policy("video", [list(9)])).values());
  const status = localStatus({ ...HERE, runningPid: undefined, plane: host.plane, state: host.keeper.state });
  expect(status.agent).toEqual({ running: false, pid: null });
  expect(status.policies).toMatchObject([{ installed: true, current: false, candidates: [[a.key], [b.key]] }]);
});

test("what is missing in the kernel is not installed", async () => {
  const { keeper } = await installed();
  const status = localStatus({ ...HERE, runningPid: undefined, plane: undefined, state: keeper.state });
  expect(status.policies).toMatchObject([{ policy: policyKey("video", "h"), installed: false, activeCandidate: -1 }]);
  expect(status.lists).toEqual([]);
});

test("without a usable state on disk lists are named by their kernel keys", async () => {
  const { plane } = await installed();
  const status = localStatus({ ...HERE, runningPid: undefined, plane, state: undefined });
  expect(status.host).toBeNull();
  expect(status.lists.map(({ list: key }) => `list/${key}`)).toEqual([b.key, a.key]);
  expect(status.policies).toEqual([]);
});

test("how a list is probed: as asked by the disk; as kept, and what came of it, by the agent when it answers", async () => {
  const host = await installed();
  await host.install(entries(probing([a], { intervalUs: 1_000 })).values());
  const { plane, keeper } = host;
  const probes = { intervalUs: 4_000, lossPpm: 0, meanRoundTripUs: 480, jitterUs: 20 };
  const tcp = { witness: "tcp", tcpLossPpm: 50_000, tcpRoundTripUs: 900, tcpRiseUs: 100 } as const;
  const path = { list: a.key, reason: "loss", ...probes, ...tcp };
  const live = { paths: [path], refusedRates: [{ askedUs: 1_000, keptUs: 4_000, lists: 1 }] };
  const told = localStatus({ ...HERE, runningPid: 7, plane, state: keeper.state, live });
  expect(told.refusedRates).toEqual(live.refusedRates);
  expect(told.lists.find(({ list: key }) => key === a.key)).toMatchObject({ ...path, askedIntervalUs: 1_000 });
  const silent = Object.fromEntries(Object.keys({ reason: "", ...probes, ...tcp }).map((name) => [name, null]));
  expect(told.lists.find(({ list: key }) => key === b.key)).toMatchObject({ ...silent, askedIntervalUs: 100_000 });
  const alone = localStatus({ ...HERE, runningPid: undefined, plane, state: keeper.state });
  expect(alone.refusedRates).toBeNull();
  expect(alone.lists.find(({ list: key }) => key === a.key)).toMatchObject({ ...silent, askedIntervalUs: 1_000 });
});
