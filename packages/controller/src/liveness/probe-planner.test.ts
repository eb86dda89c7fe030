import { DEFAULT_HOST_SETTINGS, type Intent } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import type { PolicyEntries } from "../pipeline/entries";
import { planIntent } from "../pipeline/plan";
import { createSnapshot } from "../topology/snapshot";
import { ProbePlanner } from "./probe-planner";

const HOSTS = ["h1", "h2", "h3", "h4", "h5"];
const snapshot = createSnapshot(
  network(`${HOSTS.map((host) => `${host}: a`).join("\n")}\nfar: c\na-b name=ab\nb-c name=bc`),
  1,
);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

class Probed {
  readonly policies = new Map<string, { readonly entries: PolicyEntries; readonly intent: Intent }[]>();
  readonly changed: string[][] = [];
  readonly planner = new ProbePlanner({
    probed: {
      hosts: () => this.policies.keys(),
      policiesOf: (host) => this.policies.get(host) ?? [],
      retainedOf: () => [],
    },
    settings: DEFAULT_HOST_SETTINGS,
    onChange: (hosts) => this.changed.push([...hosts]),
  });

  want(host: string, spec: Record<string, unknown> = {}): void {
    const intent = intentOf({ from: { hosts: [host] }, to: { hosts: ["far"] }, ...spec }, host);
    this.policies.set(
      host,
      planIntent(intent, snapshot).policies.map(({ entries }) => ({ entries, intent })),
    );
    this.planner.listsChanged();
  }

  /** Intervals of the hosts' lists, in milliseconds; 0 is the host's rate. */
  rates(): Record<string, number[]> {
    return Object.fromEntries(
      [...this.policies.keys()].map((host) => {
        const entry = this.planner.entryOf(host, snapshot.flat)?.entry;
        return [host, entry?.kind === "probing" ? entry.lists.map(({ intervalUs }) => intervalUs / 1_000) : []];
      }),
    );
  }
}

test("every link keeps two hosts that watch it; the others verify once a second; new lists are at full rate until then", () => {
  const probed = new Probed();
  for (const host of HOSTS.slice(0, 2)) probed.want(host);
  jest.advanceTimersByTime(2_000);
  expect(probed.rates()).toEqual({ h1: [0], h2: [0] });
  expect(probed.changed).toEqual([]);
  probed.want("h3");
  expect(probed.rates()).toEqual({ h1: [0], h2: [0], h3: [0] });
  probed.planner.stop();
});

test("what an intent asks for holds for its lists, whoever else watches", () => {
  const probed = new Probed();
  for (const host of HOSTS) probed.want(host, { liveness: { probeIntervalMs: 50 } });
  jest.advanceTimersByTime(2_000);
  expect(probed.rates()).toEqual(Object.fromEntries(HOSTS.map((host) => [host, [50]])));
  probed.planner.stop();
});

test("a host's second list over links that it watches already is only verified, and stays so when another host comes", () => {
  const probed = new Probed();
  probed.want("h1");
  const spec = (via: string[]) => ({
    from: { hosts: ["h1"] },
    to: { hosts: ["far"] },
    constraints: { via: via.map((node) => ({ node })) },
  });
  const twice = [intentOf(spec([]), "one"), intentOf({ ...spec([]), mode: "encap" }, "two")];
  const policies = twice.flatMap((intent) =>
    planIntent(intent, snapshot).policies.map(({ entries }) => ({ entries, intent })),
  );
  probed.policies.set("h1", policies);
  probed.planner.listsChanged();
  jest.advanceTimersByTime(2_000);
  expect(probed.rates()["h1"]?.sort((a, b) => a - b)).toEqual([0, 1_000]);
  expect(probed.changed).toEqual([["h1"]]);
  const before = probed.rates();
  probed.want("h2");
  jest.advanceTimersByTime(2_000);
  expect(probed.rates()).toMatchObject(before);
  probed.planner.stop();
});
