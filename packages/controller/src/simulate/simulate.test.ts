import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { compute } from "../pipeline/compute";
import { createSnapshot, withUnusable } from "../topology/snapshot";
import { type Change, changeText, failures } from "./change";
import { changedState, compareStates, eachChange, planState, type ScenarioReport } from "./simulate";

/*
 *        b             h1 hangs off a, h2 off d, h3 off b. By delay: h1-a-b-d-h2, then over c.
 *      /   \           a-c and c-d are in one duct.
 *  h1─a      d─h2
 *      \   /
 *        c
 */
const SNAPSHOT = createSnapshot(
  network(`
h1: a
h2: d
h3: b
a-b delayUs=1000 capacityMbps=100
b-d delayUs=1000 capacityMbps=100
a-c delayUs=2000 capacityMbps=50 srlgs=duct
c-d delayUs=2000 capacityMbps=50 srlgs=duct
`),
  1,
);
const INTENTS = [
  intentOf({ protection: { backups: 1 }, constraints: { minBandwidthMbps: 40 } }, "safe"),
  intentOf({ constraints: { maxDelayMs: 3 } }, "quick"),
  intentOf({ to: { hosts: ["h3"] } }, "near"),
];
const STATE = planState({ snapshot: SNAPSHOT, broken: [], intents: INTENTS });

function effects({ impacts }: ScenarioReport): string[] {
  return impacts.map(({ intent, effects: all, after }) => {
    return `${intent} ${all.join("+")} ${after?.nodes.slice(1, -1).join(" ") ?? "-"}`;
  });
}

test.each<[string, Change[], string[]]>([
  ["nothing", [], []],
  [
    "a link of the best way",
    [{ kind: "fail", what: "link", name: "b-d" }],
    ["quick breaks -", "safe losesProtection+moves a c d"],
  ],
  ["a link of the backup", [{ kind: "fail", what: "link", name: "c-d" }], ["safe losesProtection a b d"]],
  [
    "a node takes its links along, and what hangs off it",
    [{ kind: "fail", what: "node", name: "b" }],
    ["near breaks -", "quick breaks -", "safe losesProtection+moves a c d"],
  ],
  ["all links of a group", [{ kind: "fail", what: "srlg", name: "duct" }], ["safe losesProtection a b d"]],
  [
    "a drained node is the end of paths still, and crossed only where a bound leaves no other way",
    [{ kind: "drain", name: "b" }],
    ["safe losesProtection+moves a c d"],
  ],
  [
    "a drained node with no way around it is crossed all the same",
    [
      { kind: "drain", name: "b" },
      { kind: "fail", what: "link", name: "c-d" },
    ],
    ["safe losesProtection a b d"],
  ],
  [
    "another delay makes another way better",
    [{ kind: "set", name: "a-b", field: "delayUs", value: 9_000 }],
    ["quick breaks -", "near moves a c d b", "safe moves a c d"],
  ],
  [
    "with both ways down nothing is left",
    [
      { kind: "fail", what: "link", name: "a-b" },
      { kind: "fail", what: "link", name: "a-c" },
    ],
    ["near breaks -", "quick breaks -", "safe breaks -"],
  ],
])("%s", (_what, changes, expected) => {
  expect(effects(compareStates("now", STATE, changedState(STATE, changes)))).toEqual(expected);
});

test("without a backup packets wait for the new path", () => {
  const state = planState({ snapshot: SNAPSHOT, broken: [], intents: [intentOf({}, "plain")] });
  const report = compareStates("now", state, changedState(state, [{ kind: "fail", what: "link", name: "b-d" }]));
  expect(effects(report)).toEqual(["plain interrupted+moves a c d"]);
  expect(report.impacts[0]).toMatchObject({
    before: { metrics: { delayUs: 2000 } },
    after: { metrics: { delayUs: 4000 } },
  });
});

test("what observation found broken is kept off before and after, and saves no packets", () => {
  const broken = [{ link: "b-d", from: "b" }];
  const state = planState({ snapshot: withUnusable(SNAPSHOT, 1, broken), broken, intents: INTENTS.slice(0, 1) });
  const after = (link: string) =>
    compareStates("now", state, changedState(state, [{ kind: "fail", what: "link", name: link }]));
  expect(state.plans.get("safe")?.policies[0]?.candidates.map(({ path }) => path.nodes[2])).toEqual(["c"]);
  // What is left goes over the broken link: better than nothing, but packets were not led around anything.
  expect(effects(after("c-d"))).toEqual(["safe interrupted+moves a b d"]);
  expect(effects(after("b-d"))).toEqual([]);
});

test("a policy that nothing works for is not interrupted again", () => {
  const broken = ["b-d", "c-d"].map((link) => ({ link, from: link.slice(0, 1) }));
  const intents = [intentOf({}, "plain")];
  const state = planState({ snapshot: withUnusable(SNAPSHOT, 1, broken), broken, intents });
  const report = compareStates("now", state, changedState(state, [{ kind: "fail", what: "link", name: "b-d" }]));
  expect(effects(report)).toEqual(["plain moves a c d"]);
});

test("a link that fills up is left by who minds how full links are", () => {
  const intents = [intentOf({ objective: { minimize: "utilisation" } }, "even")];
  const state = planState({ snapshot: SNAPSHOT, broken: [], intents });
  const full: Change = { kind: "set", name: "a-b", field: "utilisationPercent", value: 95.5 };
  expect(effects(compareStates("now", state, changedState(state, [full])))).toEqual(["even moves a c d"]);
});

test("scenarios come worst first, each against the same state", () => {
  const changes = failures(SNAPSHOT, "link");
  const heard: string[] = [];
  const reports = eachChange(STATE, changes, (change) => heard.push(changeText(change)));
  expect(heard).toEqual(["a-b", "a-c", "b-d", "c-d", "h1-a", "h2-d", "h3-b"].map((name) => `fail link ${name}`));
  expect(
    reports.map(({ name, counts }) => `${name} ${counts.breaks} ${counts.losesProtection} ${counts.moves}`),
  ).toEqual([
    "fail link h1-a 3 0 0",
    "fail link h2-d 2 0 0",
    "fail link a-b 1 1 2",
    "fail link b-d 1 1 1",
    "fail link h3-b 1 0 0",
    "fail link a-c 0 1 0",
    "fail link c-d 0 1 0",
  ]);
});

test("nodes that fail are routers, and a group is one thing", () => {
  expect(failures(SNAPSHOT, "node").map(changeText)).toEqual(["a", "b", "c", "d"].map((name) => `fail node ${name}`));
  expect(failures(SNAPSHOT, "srlg").map(changeText)).toEqual(["fail srlg duct"]);
});

test("the highest utilisation moves with the traffic", () => {
  const report = compareStates("now", STATE, changedState(STATE, [{ kind: "fail", what: "link", name: "b-d" }]));
  expect(report.mlu).toEqual({ beforePercent: 40, afterPercent: 80 });
});

test("what comes, goes and is there again", () => {
  const without = planState({ snapshot: SNAPSHOT, broken: [], intents: INTENTS.slice(0, 1) });
  expect(effects(compareStates("now", STATE, without))).toEqual(["near removed -", "quick removed -"]);
  expect(effects(compareStates("now", without, STATE))).toEqual(["quick added a b d", "near added a b"]);
  const broken = changedState(STATE, [{ kind: "fail", what: "link", name: "b-d" }]);
  expect(effects(compareStates("now", broken, STATE))).toEqual([
    "safe moves+gainsProtection a b d",
    "quick restored a b d",
  ]);
});

test.each<[Change]>([
  [{ kind: "fail", what: "link", name: "a-bb" }],
  [{ kind: "fail", what: "node", name: "x" }],
  [{ kind: "fail", what: "srlg", name: "ducts" }],
  [{ kind: "drain", name: "bb" }],
  [{ kind: "set", name: "ab", field: "igp", value: 1 }],
])("an unknown name is refused: %j", (change) => {
  expect(() => changedState(STATE, [change])).toThrow(expect.objectContaining({ code: "not_found" }) as Error);
});

test("a scenario ends where the controller would", () => {
  for (const change of failures(SNAPSHOT, "link")) {
    const topology = {
      ...SNAPSHOT.topology,
      links: SNAPSHOT.topology.links.filter(({ name }) => name !== change.name),
    };
    const { plans } = changedState(STATE, [change]);
    for (const intent of INTENTS) {
      const fresh = compute(intent, createSnapshot(topology, 7));
      expect(plans.get(intent.name)?.policies.map(({ computed }) => computed)).toEqual(fresh.policies);
    }
  }
});
