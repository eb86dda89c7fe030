import type { Mode } from "@sextant/model";
import { intentOf } from "../../../../test/support/intent";
import { topologyOf } from "../../../../test/support/network";
import { pairsOf } from "../compute/endpoints";
import { createSnapshot } from "../topology/snapshot";
import { type LackingFeatures, NOTHING_LACKING } from "./features";
import { matchOf } from "./match";
import { settleMode } from "./mode";

const NODES = [
  { name: "r", nodeId: 1, prefixes: ["2001:db8:99::/48", "192.0.2.0/24"] },
  { name: "six", kind: "host", attachedTo: "r", addresses: ["2001:db8:1::1"] },
  { name: "other", kind: "host", attachedTo: "r", addresses: ["2001:db8:2::1"] },
  { name: "dual", kind: "host", attachedTo: "r", addresses: ["2001:db8:3::1", "198.51.100.3"] },
  {
    name: "gate",
    kind: "host",
    attachedTo: "r",
    addresses: ["2001:db8:4::1"],
    prefixes: ["2001:db8:40::/48", "10.4.0.0/16"],
  },
  { name: "blunt", kind: "host", attachedTo: "r", addresses: ["2001:db8:5::1", "198.51.100.5"], decapsulates: false },
];
const SNAPSHOT = createSnapshot(topologyOf(NODES, []), 1);
const SIGNED = createSnapshot({ ...topologyOf(NODES, []), signingKeyId: 7 }, 1);

/** `encap`, or the reason why there is none; with what is left unsteered behind it. */
function settled(
  mode: Mode,
  from: string,
  to: Record<string, unknown>,
  { snapshot = SNAPSHOT, lacking = NOTHING_LACKING, application = {} } = {},
): string {
  const intent = intentOf({ from: { hosts: [from] }, to, application });
  const [pair] = pairsOf(intent, snapshot);
  if (pair === undefined) throw new Error("no pair");
  const answer = settleMode(mode, pair, matchOf(intent, pair, snapshot), snapshot, lacking);
  return answer.kind === "impossible" ? answer.reason : `${answer.mode}${answer.leaves === undefined ? "" : " partly"}`;
}
const host = (name: string) => ({ hosts: [name] });
const prefix = (text: string) => ({ prefixes: [text] });
const named = (at: string) => ({ names: [{ name: "a.example", at }] });
const lacks = (name: string, ...features: ("insert" | "encap" | "ipv4")[]): LackingFeatures =>
  new Map([[name, new Set(features)]]);

describe("auto", () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ["between two hosts of IPv6", "six", host("other"), "insert"],
    ["to a host with IPv4 too", "six", host("dual"), "encap"],
    ["from a host with IPv4 to one without", "dual", host("six"), "insert"],
    ["from a gateway, which forwards", "gate", host("six"), "encap"],
    ["to a gateway's own addresses and the IPv4 behind it", "six", host("gate"), "encap"],
    ["to a prefix behind a host", "six", prefix("2001:db8:40::/48"), "encap"],
    ["to an IPv4 prefix behind a host", "six", prefix("10.4.1.0/24"), "encap"],
    ["to a name at a host: its family is unknown", "six", named("other"), "encap"],
    ["to a name at a router", "six", named("r"), "insert partly"],
    ["to an IPv6 prefix behind a router", "six", prefix("2001:db8:99::/48"), "insert"],
    ["from a gateway to one", "gate", prefix("2001:db8:99::/48"), "insert partly"],
    ["to an IPv4 prefix behind a router", "six", prefix("192.0.2.0/24"), "NoEncapsulationEnd"],
    ["to a host that takes nothing off", "six", host("blunt"), "insert partly"],
    ["to a host that nobody knows", "six", prefix("2001:db8:ffff::/48"), "insert"],
  ])("%s: %s", (_what, from, to, expected) => {
    expect(settled("auto", from, to)).toBe(expected);
  });

  test("the family that the sources leave decides", () => {
    const application = { sources: ["2001:db8::/32"] };
    expect(settled("auto", "six", host("dual"), { application })).toBe("insert");
    expect(settled("auto", "six", host("blunt"), { application: { sources: ["198.51.100.0/24"] } })).toBe(
      "NoEncapsulationEnd",
    );
  });

  test.each<[string, string, LackingFeatures, string]>([
    ["the far end cannot decapsulate", "dual", lacks("dual", "encap"), "insert partly"],
    ["the near end cannot encapsulate", "dual", lacks("six", "encap"), "insert partly"],
    ["inserting is what it cannot", "other", lacks("six", "insert"), "encap"],
    ["neither", "other", lacks("six", "insert", "encap"), "HostLacksFeature"],
    ["IPv6 goes on without IPv4", "dual", lacks("dual", "ipv4"), "encap"],
    ["some other host", "dual", lacks("other", "encap"), "encap"],
  ])("falls back when %s", (_what, to, lacking, expected) => {
    expect(settled("auto", "six", host(to), { lacking })).toBe(expected);
  });
});

test.each<[Mode, string, Record<string, unknown>, LackingFeatures, string]>([
  ["insert", "six", host("other"), NOTHING_LACKING, "insert"],
  ["insert", "six", host("dual"), NOTHING_LACKING, "insert partly"],
  ["insert", "gate", host("other"), NOTHING_LACKING, "insert partly"],
  ["insert", "six", prefix("10.4.0.0/16"), NOTHING_LACKING, "InsertNeedsIpv6"],
  ["insert", "six", host("other"), lacks("six", "insert"), "HostLacksFeature"],
  ["encap", "six", host("other"), NOTHING_LACKING, "encap"],
  ["encap-full", "six", host("dual"), NOTHING_LACKING, "encap-full"],
  ["usid", "six", prefix("10.4.0.0/16"), NOTHING_LACKING, "usid"],
  ["usid", "six", host("blunt"), NOTHING_LACKING, "NoEncapsulationEnd"],
  ["encap", "six", prefix("2001:db8:99::/48"), NOTHING_LACKING, "NoEncapsulationEnd"],
  ["encap", "six", host("other"), lacks("other", "encap"), "HostLacksFeature"],
  ["usid", "six", prefix("10.4.0.0/16"), lacks("gate", "ipv4"), "HostLacksFeature"],
])("%s from %s to %j is what it is, or impossible", (mode, from, to, lacking, expected) => {
  expect(settled(mode, from, to, { lacking })).toBe(expected);
});

test.each<[Mode, Record<string, unknown>, string]>([
  ["auto", host("other"), "encap"],
  ["auto", prefix("2001:db8:99::/48"), "NoEncapsulationEnd"],
  ["insert", host("other"), "SignedInsert"],
  ["usid", host("other"), "usid"],
])("a network that signs: %s to %j", (mode, to, expected) => {
  expect(settled(mode, "six", to, { snapshot: SIGNED })).toBe(expected);
});
