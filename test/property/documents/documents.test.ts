import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { planIntents } from "../../../packages/controller/src/bandwidth/plan-intents";
import { accept } from "../../../packages/controller/src/pipeline/accept";
import { EMPTY_CATALOG } from "../../../packages/controller/src/pipeline/catalog";
import { createSnapshot } from "../../../packages/controller/src/topology/snapshot";
import { type Issue, parseDemandsDocuments } from "../../../packages/model/src";
import {
  demandsFromDocuments,
  Ecmp,
  evaluate,
  networkFromTopology,
  type Placement,
  placementFromJson,
} from "../../../packages/placement/src";
import { network } from "../../support/network";
import { check, FUZZ_SEED } from "../fuzz";
import { spoiltText } from "../spoilt-text";
import { pathFaults } from "./sound-paths";

/** Everything that a document can say, in a network of three routers. */
const TOPOLOGY = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: net, labels: {owner: me}}
spec:
  locatorBlock: fcbb:bb00::/32
  hostPrefixes: ["2001:db8::/32"]
  algorithms:
    - {name: fast, id: 128, locatorBlock: fcbb:bb01::/32, metric: delay, exclude: [blue]}
  bindings:
    - {name: round, node: a, function: 0xe100, path: [a-b, b-c]}
  nodes:
    - {name: a, nodeId: 1, algorithms: [fast], prefixes: ["2001:db8:a::/48"]}
    - {name: b, nodeId: 2, labels: {site: west}}
    - {name: c, nodeId: 3}
    - {name: h1, kind: host, attachedTo: [a, {node: b, igp: 3}], addresses: ["2001:db8::1"], maxSegments: 6}
    - {name: h2, kind: host, attachedTo: c, addresses: ["2001:db8::2"], nodeId: 300}
  links:
    - {a: a, b: b, igp: 10, te: 5, delayUs: 100, jitterUs: 3, lossPpm: 10, capacityMbps: 100, utilisationPercent: 20}
    - {a: b, b: c, srlgs: [duct], affinity: [gold], aToB: {igp: 4, adjacencyFunction: 0xe001}}
    - {a: a, b: c, name: second, delayUs: 1.5e+3, state: up, affinity: [blue]}
`;
const INTENT = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: calls}
spec:
  from: {hosts: [h1]}
  to: {hosts: [h2], prefixes: ["2001:db8:a::/48"]}
  application: {protocol: udp, ports: [5000-5010, 53]}
  objective: [{minimize: {delay: 1, igp: 2}}, {maximize: bandwidth}]
  constraints:
    maxDelayMs: 50
    maxLossPercent: 1
    maxHops: 9
    avoid: {srlgs: [other]}
    affinity: {none: [blue]}
    via: [{service: wall}]
  protection: {backups: 1, disjoint: link}
  multipath: {paths: 2, weights: capacity}
  bidirectional: true
`;
const RESERVED = `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: backup}
spec:
  from: {hosts: [h2]}
  to: {hosts: [h1]}
  objective: {minimize: te}
  constraints: {algorithm: fast, minBandwidthMbps: 5}
  reservation: {mbps: 30, setupPriority: 4, holdPriority: 2}
  pin: strict
`;
const SERVICE = `apiVersion: sextant.dev/v1
kind: Service
metadata: {name: wall}
spec:
  type: firewall
  instances: [{name: one, node: b}, {name: two, node: c, state: down}]
`;
const ALL = [TOPOLOGY, INTENT, RESERVED, SERVICE].join("---\n").replace("[other]", "[duct]");

function expectPlaced(issues: readonly Issue[], text: string): void {
  const lines = text.split(/\r\n|\n|\r/);
  expect(issues.length).toBeGreaterThan(0);
  for (const { at, message, code, path } of issues) {
    expect(at.file).toBe("f");
    expect(at.line).toBeGreaterThan(0);
    expect(at.line).toBeLessThanOrEqual(lines.length);
    expect(at.column).toBeGreaterThan(0);
    expect(at.column).toBeLessThanOrEqual(text.length + 1);
    expect(code).not.toBe("");
    expect(message.length).toBeGreaterThan(0);
    expect(`${path} ${message}`).not.toMatch(/undefined|\[object|NaN px|TypeError/);
  }
}

/** A file of documents is refused at its places, or every path that comes of it is right. */
function expectSound(text: string): void {
  const accepted = accept([{ name: "f", content: text }], EMPTY_CATALOG);
  if ("issues" in accepted) {
    expectPlaced(accepted.issues, text);
    return;
  }
  const { topology, intents } = accepted.catalog;
  if (topology === undefined) return;
  const snapshot = createSnapshot(topology.value, 1);
  const plans = planIntents(
    [...intents.values()].map(({ value }) => value),
    snapshot,
  );
  for (const plan of plans.values()) expect(pathFaults(plan, topology.value)).toEqual([]);
}

test("the documents that are spoilt below are sound", () => {
  const accepted = accept([{ name: "f", content: ALL }], EMPTY_CATALOG);
  expect("issues" in accepted ? accepted.issues : []).toEqual([]);
  expectSound(ALL);
});

test("spoilt documents are refused at their places, or lead to right paths: never a crash", () => {
  check(4_000, 6, spoiltText(ALL), expectSound);
});

test("the same of documents cut off anywhere", () => {
  // A fifth of all places, other ones in each run.
  for (let end = FUZZ_SEED % 5; end < ALL.length; end += 5) expectSound(ALL.slice(0, end));
});

test("the same of what the examples hold", () => {
  const examples = ["diamond", "dual-stack"].map((name) => {
    const folder = join(__dirname, "../../../examples", name);
    return ["topology.yaml", "intents.yaml"].map((file) => readFileSync(join(folder, file), "utf8")).join("---\n");
  });
  check(1_000, 4, fc.oneof(...examples.map((text) => spoiltText(text))), expectSound);
});

const NETWORK = networkFromTopology(
  network("h1: a\nh2: c\na-b capacityMbps=100\nb-c capacityMbps=50\na-c capacityMbps=10"),
  "n",
);
const DEMANDS = `apiVersion: sextant.dev/v1
kind: Demands
metadata: {name: peak}
spec:
  demands:
    - {from: a, to: c, mbps: 30}
    - {name: big, from: h1, to: h2, mbps: 1.5e1}
    - {name: back, from: c, to: b, mbps: 0}
`;

if (!("linkNames" in NETWORK)) throw new Error("the test's own network is broken");
const own = NETWORK;

test("spoilt demands are refused at their places, or are sound", () => {
  check(4_000, 4, spoiltText(DEMANDS), (text) => {
    const { documents, issues } = parseDemandsDocuments("f", text);
    if (issues.length > 0) {
      expectPlaced(issues, text);
      return;
    }
    const demands = demandsFromDocuments(documents, own);
    if ("issues" in demands) {
      expectPlaced(demands.issues, text);
      return;
    }
    expect(demands.mbps.every((mbps) => mbps >= 0 && mbps <= 10_000_000)).toBe(true);
    expect([...demands.from, ...demands.to].every((node) => node >= 0 && node < own.nodeNames.length)).toBe(true);
    expect(new Set(demands.names).size).toBe(demands.names.length);
  });
});

const PLACED = JSON.stringify(
  {
    lists: [
      {
        demand: "a-c",
        lists: [
          { weight: 2, midpoints: [] },
          { weight: 1, midpoints: ["b"] },
        ],
      },
      {
        demand: "big",
        lists: [
          { weight: 1, midpoints: ["b"] },
          { weight: 3, links: ["h1-a:h1>a", "a-c:a>c", "h2-c:c>h2"] },
        ],
      },
      { demand: "back", lists: [] },
    ],
  },
  null,
  1,
);

test("a spoilt placement is refused at its place, or carries what it can", () => {
  const { documents } = parseDemandsDocuments("f", DEMANDS);
  const demands = demandsFromDocuments(documents, own);
  if ("issues" in demands) throw new Error("the test's own demands are broken");
  const ecmp = new Ecmp(own);
  check(4_000, 3, spoiltText(PLACED, ['"a"', '"h1"', '"a-b:b>a"', "1e9", "null", "2.5"]), (text) => {
    const read = placementFromJson("f", text, own, demands);
    if ("issues" in read) {
      expectPlaced(read.issues, text);
      return;
    }
    const { loadMbps, unroutable } = evaluate(ecmp, demands, read.placement);
    // Links that are there may lead elsewhere.
    const leadsNowhere = (lists: Placement[number]) =>
      lists.length === 0 || lists.some(({ links }) => links !== undefined);
    expect(unroutable.every((demand) => leadsNowhere(read.placement[demand] ?? []))).toBe(true);
    // What leaves the demands' sources is what they are, however it is spread.
    const carried = demands.names.flatMap((_, demand) =>
      unroutable.includes(demand) ? [] : (demands.mbps[demand] ?? 0),
    );
    const least = carried.reduce((sum, mbps) => sum + mbps, 0);
    expect(loadMbps.reduce((sum, mbps) => sum + mbps, 0)).toBeGreaterThanOrEqual(least - 1e-9);
    expect(loadMbps.every((mbps) => Number.isFinite(mbps) && mbps >= 0)).toBe(true);
  });
});
