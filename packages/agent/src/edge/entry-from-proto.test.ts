import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type DesiredEntry,
  type DesiredMatch,
  type IpAddress,
  type IpPrefix,
  ipv6,
  ipv6Prefix,
  ipv6ToBytes,
  parseIpPrefix,
  policyKey,
  prefixParts,
} from "@sextant/model";
import { EntrySchema, OnNoPath, Spread } from "@sextant/proto";
import { domain, encapList, list, listOf, policy, probing, sid } from "../../../../test/support/desired";
import { entryToWire } from "../testing/entry-to-wire";
import { entryFromProto } from "./entry-from-proto";

type Wire = MessageInitShape<typeof EntrySchema>;
const bytes = (address: string) => ipv6ToBytes(ipv6(address));
const prefix = (text: string) => {
  const { address, length } = prefixParts(text as never);
  return { address: ipv6ToBytes(address), length };
};
const read = (wire: Wire) => entryFromProto(create(EntrySchema, { revision: "r", ...wire }));

const a = list(1, 2);
const listWire = {
  key: a.key,
  body: {
    case: "segmentList",
    value: {
      segments: a.segments.map((s) => ipv6ToBytes(s)),
      probeSegments: a.probeSegments.map((s) => ipv6ToBytes(s)),
    },
  },
} as const satisfies Wire;
const match = { destinations: [prefix("2001:db8:aaaa::/64")] };
const policyBody = {
  intent: "video",
  endpoint: "h",
  generation: 1,
  priority: 100,
  candidates: [{ preference: 100, lists: [{ list: a.key, weight: 1 }] }],
  onNoPath: OnNoPath.DROP,
  match: { ...match, cgroup: "apps/video", protocol: 17, ports: [{ first: 1, last: 9 }] },
};
const policyWire = (change: object = {}, key = "policy/video/h"): Wire => ({
  key,
  body: { case: "policy", value: { ...policyBody, ...change } },
});
const changedList = (change: object): Wire => ({
  key: a.key,
  body: { case: "segmentList", value: { ...listWire.body.value, ...change } },
});
const probingWire = (...lists: object[]): Wire => ({
  key: "probing",
  body: { case: "probing", value: { lists: lists.map((each) => ({ list: a.key, violationMs: 1_000, ...each })) } },
});
const domainWire = (change: object = {}): Wire => ({
  key: "domain",
  body: {
    case: "domain",
    value: {
      sources: [prefix("2001:db8::/32")],
      nodeSid: bytes("2001:db8:99::"),
      decapsulationSid: bytes("2001:db8:99:ff46::"),
      addresses: [bytes("2001:db8:b::1")],
      ...change,
    },
  },
});

test.each<[string, Wire, DesiredEntry]>([
  ["a list", listWire, a],
  [
    "a policy",
    policyWire(),
    policy("video", [a], {
      onNoPath: "drop",
      match: { cgroup: "apps/video", protocol: 17, ports: [{ first: 1, last: 9 }] },
    }),
  ],
  ["a policy that matches much", policyWire({ match, onNoPath: 0 }), policy("video", [a])],
  ["a policy without a path", policyWire({ match, onNoPath: 0, candidates: [] }), policy("video", [])],
  ["the domain", domainWire(), domain()],
  [
    "the domain of a host that takes no outer headers off",
    domainWire({ decapsulationSid: new Uint8Array() }),
    { ...domain(), decapsulationSid: undefined },
  ],
])("reads %s", (_, wire, entry) => {
  expect(read(wire)).toEqual({ revision: "r", entry });
});

test("every field of a match, both families", () => {
  const fields: Partial<DesiredMatch> = {
    cgroup: "apps",
    systemdUnit: "video.service",
    container: "0123456789ab",
    user: "video",
    executable: "/usr/bin/ffmpeg",
    protocol: 6,
    dscp: 0,
    sources: [ipv6Prefix("2001:db8:b::/64"), parseIpPrefix("192.0.2.0/25") as IpPrefix],
    sourcePorts: [{ first: 1024, last: 65_535 }],
    destinations: [parseIpPrefix("198.51.100.0/24") as IpPrefix],
    dnsNames: ["cdn.example", "_sip.example."],
    ports: [{ first: 443, last: 443 }],
  };
  const entry = policy("video", [a], { match: fields, spread: { kind: "flowlet", gapUs: 500 } });
  expect(entryFromProto(create(EntrySchema, entryToWire(entry)))).toMatchObject({ entry });
});

test.each<[string, DesiredEntry]>([
  ["a list with an outer header", encapList([1, 2])],
  ["a signed list with a full outer header", encapList([1], { encapsulation: "encap-full", signingKeyId: 7 })],
  ["a list with two ways back", listOf(a.segments, { alternateProbeSegments: [...a.segments, sid("2001:db8:9::")] })],
  ["probing as the host's settings say", probing([a])],
  [
    "probing with everything that can be asked for",
    probing([a, list(3)], {
      ...{ intervalUs: 3_300, multiplier: 10, links: [0n, 2n ** 64n - 1n] },
      ...{ maxDelayUs: 12_500, maxLossPpm: 5_000, violationMs: 100 },
    }),
  ],
  ["a policy for the way back", { ...policy("video", [a]), key: policyKey("video", "h", "return") }],
  ["a policy for a name alone", policy("video", [a], { match: { destinations: [], dnsNames: ["cdn.example"] } })],
  [
    "senders of both families",
    {
      ...domain(),
      addresses: [ipv6("2001:db8:b::1"), "192.0.2.7" as IpAddress],
      senders: [{ sender: ipv6("2001:db8:c::1"), prefixes: [parseIpPrefix("203.0.113.0/24") as IpPrefix] }],
    },
  ],
])("reads back %s", (_, entry) => {
  expect(entryFromProto(create(EntrySchema, entryToWire(entry)))).toMatchObject({ entry });
});

test.each<[string, Wire]>([
  ["a kind of entry from the future", { key: a.key }],
  ["an encapsulation from the future", changedList({ encapsulation: 9 })],
  ["a spread from the future", policyWire({ spread: 9 })],
  ["a way out from the future", policyWire({ onNoPath: 9 })],
])("does not guess at %s", (_, wire) => {
  expect(read(wire)).toMatchObject({ key: wire.key, status: "rejected", reason: "unsupported_mode" });
});

test.each<[string, Wire]>([
  ["an unknown form of key", { ...listWire, key: "tunnel/1" }],
  ["no revision", { ...listWire, revision: "" }],
  ["a revision without end", { ...listWire, revision: "r".repeat(129) }],
  ["content that is not that of its key", { ...listWire, key: "list/0123456789abcdef" }],
  ["a list under the key of a policy", { ...listWire, key: "policy/video/h" }],
  ["a list of nothing", { key: a.key, body: { case: "segmentList", value: {} } }],
  [
    "a list without end",
    { key: a.key, body: { case: "segmentList", value: { segments: Array<Uint8Array>(128).fill(bytes("::1")) } } },
  ],
  ["a segment of 15 bytes", { key: a.key, body: { case: "segmentList", value: { segments: [new Uint8Array(15)] } } }],
  ["a policy of another name", policyWire({ endpoint: "other" })],
  ["no match", policyWire({ match: undefined })],
  ["no destination", policyWire({ match: { protocol: 6 } })],
  ["a prefix with host bits", policyWire({ match: { destinations: [{ address: bytes("2001:db8::1"), length: 64 }] } })],
  ["a prefix too long", policyWire({ match: { destinations: [{ address: bytes("2001:db8::"), length: 129 }] } })],
  ["ports the wrong way round", policyWire({ match: { ...match, ports: [{ first: 9, last: 1 }] } })],
  ["ports out of range", policyWire({ match: { ...match, ports: [{ first: 9, last: 65_536 }] } })],
  ["a protocol out of range", policyWire({ match: { ...match, protocol: 256 } })],
  ["a cgroup that climbs", policyWire({ match: { ...match, cgroup: "apps/../../init" } })],
  ["an absolute cgroup", policyWire({ match: { ...match, cgroup: "/apps" } })],
  ["a candidate without a list", policyWire({ candidates: [{ preference: 1, lists: [] }] })],
  [
    "a candidate that points elsewhere",
    policyWire({ candidates: [{ preference: 1, lists: [{ list: "policy/x/y", weight: 1 }] }] }),
  ],
  ["no SID of its own", domainWire({ nodeSid: new Uint8Array() })],
  ["an address of 5 bytes", domainWire({ addresses: [new Uint8Array(5)] })],
  ["half a decapsulation SID", domainWire({ decapsulationSid: new Uint8Array(8) })],
  ["a source of IPv4", domainWire({ sources: [{ address: new Uint8Array(4), length: 0 }] })],
  ["an IPv4 prefix too long", policyWire({ match: { destinations: [{ address: new Uint8Array(4), length: 33 }] } })],
  ["a weight of nothing", policyWire({ candidates: [{ preference: 1, lists: [{ list: a.key, weight: 0 }] }] })],
  ["a weight too heavy", policyWire({ candidates: [{ preference: 1, lists: [{ list: a.key, weight: 65_536 }] }] })],
  ["a priority too high", policyWire({ priority: 65_536 })],
  ["flowlets without a pause", policyWire({ spread: Spread.FLOWLET })],
  ["a DSCP out of range", policyWire({ match: { ...match, dscp: 64 } })],
  ["a unit that is a path", policyWire({ match: { ...match, systemdUnit: "a/b.service" } })],
  ["a container id that is too short", policyWire({ match: { ...match, container: "0123456789a" } })],
  ["a container id that is none", policyWire({ match: { ...match, container: "0123456789xy" } })],
  ["a program without its path", policyWire({ match: { ...match, executable: "ffmpeg" } })],
  ["a user that is two fields", policyWire({ match: { ...match, user: "a:b" } })],
  ["a name that is none", policyWire({ match: { ...match, dnsNames: ["a..b"] } })],
  ["probing of what is no list", probingWire({ list: "policy/x/y" })],
  ["probing of a list, twice", probingWire({}, {})],
  ["probing that never stops", probingWire({ intervalUs: 999 })],
  ["probing that never starts", probingWire({ intervalUs: 60_000_001 })],
  ["death after one probe", probingWire({ multiplier: 1 })],
  ["death after many probes", probingWire({ multiplier: 11 })],
  ["more loss than there is", probingWire({ maxLossPpm: 1_000_001 })],
  ["a violation of no time", probingWire({ violationMs: 0 })],
  ["links without end", probingWire({ links: Array<bigint>(128).fill(1n) })],
  ["signing key 0", { key: a.key, body: { case: "segmentList", value: { ...listWire.body.value, signingKeyId: 0 } } }],
])("refuses %s", (_, wire) => {
  expect(read(wire)).toMatchObject({ key: wire.key, status: "rejected", reason: "invalid_entry" });
});

test("what is wrong with probing is said with the place", () => {
  const wire = probingWire({}, { list: "list/0123456789abcdef", multiplier: 11 });
  expect(read(wire)).toMatchObject({ message: "lists[1].multiplier 11: expected 2 to 10" });
});
