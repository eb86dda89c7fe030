import type { DesiredMatch } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { topologyOf } from "../../../../test/support/network";
import { pairName, pairsOf } from "../compute/endpoints";
import { createSnapshot } from "../topology/snapshot";
import { matchOf } from "./match";

const SNAPSHOT = createSnapshot(
  topologyOf(
    [
      { name: "r", nodeId: 1, prefixes: ["2001:db8:99::/48"] },
      {
        name: "h1",
        kind: "host",
        attachedTo: "r",
        addresses: ["2001:db8:1::1", "192.0.2.1"],
        prefixes: ["10.1.0.0/16"],
      },
      {
        name: "h2",
        kind: "host",
        attachedTo: "r",
        addresses: ["2001:db8:2::1", "192.0.2.2"],
        prefixes: ["10.2.0.0/16"],
      },
      { name: "h3", kind: "host", attachedTo: "r", addresses: ["2001:db8:3::1"] },
    ],
    [],
  ),
  1,
);

/** Matches by the name of their pair. */
function matches(spec: Record<string, unknown>): Record<string, DesiredMatch> {
  const intent = intentOf(spec);
  return Object.fromEntries(
    pairsOf(intent, SNAPSHOT).map((pair) => [pairName(pair), matchOf(intent, pair, SNAPSHOT)] as const),
  );
}

test("there: what the application asks, to all that the endpoint is", () => {
  const application = {
    cgroup: "apps/x",
    user: "www",
    dscp: "ef",
    protocol: "tcp",
    ports: [443],
    sourcePorts: ["1-9"],
  };
  expect(matches({ application })["h1 to h2"]).toMatchObject({
    cgroup: "apps/x",
    user: "www",
    dscp: 46,
    protocol: 6,
    sources: [],
    destinations: ["10.2.0.0/16", "192.0.2.2/32", "2001:db8:2::1/128"],
    dnsNames: [],
    ports: [{ first: 443, last: 443 }],
    sourcePorts: [{ first: 1, last: 9 }],
  });
});

test("back: ends and ports change places, sockets and code points stay where they are", () => {
  const application = {
    cgroup: "apps/x",
    user: "www",
    dscp: "ef",
    protocol: "tcp",
    ports: [443],
    sourcePorts: ["1-9"],
  };
  expect(matches({ application, bidirectional: true })["h2 to h1, return"]).toEqual({
    cgroup: undefined,
    systemdUnit: undefined,
    container: undefined,
    user: undefined,
    executable: undefined,
    protocol: 6,
    dscp: undefined,
    sources: ["10.2.0.0/16", "192.0.2.2/32", "2001:db8:2::1/128"],
    sourcePorts: [{ first: 443, last: 443 }],
    destinations: ["10.1.0.0/16", "192.0.2.1/32", "2001:db8:1::1/128"],
    dnsNames: [],
    ports: [{ first: 1, last: 9 }],
  });
});

test("back: only to the sources that were steered there", () => {
  const application = { sources: ["10.1.7.0/24", "2001:db8::/32", "10.9.0.0/16"] };
  expect(matches({ application, bidirectional: true })["h2 to h1, return"]?.destinations).toEqual([
    "10.1.7.0/24",
    "2001:db8:1::1/128",
  ]);
});

test("one way back per host that answers: its endpoints together, names by all that it owns, routers none", () => {
  const to = {
    hosts: ["h3"],
    prefixes: ["10.2.3.0/24", "2001:db8:99::/48"],
    names: [
      { name: "a.example", at: "h3" },
      { name: "b.example", at: "r" },
    ],
  };
  const found = matches({ to, bidirectional: true });
  expect(Object.keys(found)).toEqual([
    "h1 to h3",
    "h1 to 10.2.3.0/24",
    "h1 to 2001:db8:99::/48",
    "h1 to a.example",
    "h1 to b.example",
    "h2 to h1, return",
    "h3 to h1, return",
  ]);
  expect(found["h2 to h1, return"]?.sources).toEqual(["10.2.3.0/24"]);
  expect(found["h3 to h1, return"]?.sources).toEqual(["2001:db8:3::1/128"]);
  expect(found["h1 to a.example"]).toMatchObject({ destinations: [], dnsNames: ["a.example"] });
});

test("hosts that are both source and endpoint have both kinds of policy towards each other", () => {
  const all = { hosts: ["h1", "h2"] };
  expect(Object.keys(matches({ from: all, to: all, bidirectional: true }))).toEqual([
    "h1 to h2",
    "h2 to h1",
    "h1 to h2, return",
    "h2 to h1, return",
  ]);
});
