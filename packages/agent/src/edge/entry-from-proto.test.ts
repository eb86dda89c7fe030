import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type DesiredEntry, ipv6, ipv6ToBytes, prefixParts } from "@sextant/model";
import { EntrySchema, OnNoPath } from "@sextant/proto";
import { domain, list, policy } from "../../../../test/support/desired";
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
const domainWire = (change: object = {}): Wire => ({
  key: "domain",
  body: {
    case: "domain",
    value: {
      sources: [prefix("2001:db8::/32")],
      nodeSid: bytes("2001:db8:99::"),
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
])("reads %s", (_, wire, entry) => {
  expect(read(wire)).toEqual({ revision: "r", entry });
});

test.each<[string, Wire]>([
  ["an unknown form of key", { ...listWire, key: "tunnel/1" }],
  ["no revision", { ...listWire, revision: "" }],
  ["a revision without end", { ...listWire, revision: "r".repeat(129) }],
  ["a kind of entry from the future", { key: a.key }],
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
  ["an address of 4 bytes", domainWire({ addresses: [new Uint8Array(4)] })],
])("refuses %s", (_, wire) => {
  expect(read(wire)).toMatchObject({ key: wire.key, status: "rejected", reason: "invalid_entry" });
});
