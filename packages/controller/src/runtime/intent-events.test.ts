import type { Condition, ConditionType } from "@sextant/model";
import { intentEvents, type IntentPicture } from "./intent-events";
import type { IntentStatus } from "./intent-status";

type Said = Readonly<Partial<Record<ConditionType, [Condition["status"], string, generation?: number]>>>;

const SOUND: Said = {
  Accepted: ["True", "Valid"],
  Computed: ["True", "PathFound"],
  Encoded: ["True", "Encoded"],
  Pushed: ["True", "Acknowledged"],
  Installed: ["True", "Installed"],
  Live: ["True", "ProbesReturn"],
};

function status(said: Said, nodes: readonly string[][] = [["a", "b"]]): IntentStatus {
  const conditions = Object.entries(said).map(([type, [truth, reason, observedGeneration = 1]]) => {
    return { type: type as ConditionType, status: truth, reason, message: "m", observedGeneration };
  });
  const candidates = nodes.map((one) => ({ nodes: one }));
  const policies = [{ host: "a", endpoint: "b", direction: "forward", candidates }];
  return { conditions, policies, issues: [] } as unknown as IntentStatus;
}

/** Reasons told for one status after the other. */
function story(...steps: IntentStatus[]): string[][] {
  let picture: IntentPicture | undefined;
  return steps.map((step) => {
    const told = intentEvents("web", step, picture);
    picture = told.picture;
    return told.events.map(({ reason, message }) => `${reason} | ${message}`);
  });
}

const FAR: Said = { ...SOUND, Pushed: ["Unknown", "Away"], Installed: ["Unknown", "Away"], Live: ["Unknown", "Away"] };
const ON_ITS_WAY: Said = {
  ...SOUND,
  Pushed: ["False", "AwaitingAck"],
  Installed: ["False", "NotPushed"],
  Live: ["Unknown", "NotInstalled"],
};

test("a new intent: the path it has, then that it is in force; not the stations in between", () => {
  expect(story(status(ON_ITS_WAY), status(SOUND), status(SOUND))).toEqual([
    ["PathsChosen | a to b: a > b"],
    ["Installed | Installed is true: m", "ProbesReturn | Live is true"],
    [],
  ]);
});

test("conditions that fall together for one reason are one event, and are told when they hold again", () => {
  const [, gone, back] = story(status(SOUND), status(FAR), status(SOUND));
  expect(gone).toEqual(["Away | Pushed, Installed, Live are unknown: m"]);
  expect(back?.map((line) => line.split(" ")[0])).toEqual(["Acknowledged", "Installed", "ProbesReturn"]);
});

test.each([
  ["another path", status(SOUND, [["a", "c", "b"]]), ["PathsChosen | a to b: a > c > b"]],
  [
    "a backup more",
    status(SOUND, [
      ["a", "b"],
      ["a", "c", "b"],
    ]),
    ["PathsChosen | a to b: a > b; backup a > c > b"],
  ],
  [
    "a new generation in the kernel",
    status({ ...SOUND, Installed: ["True", "Installed", 2] }),
    ["Installed | Installed is true: m"],
  ],
  ["no path", status({ ...SOUND, Computed: ["False", "NoPath"] }, []), ["NoPath | Computed is false: m"]],
  ["all dead", status({ ...SOUND, Live: ["False", "AllPathsDead"] }), ["AllPathsDead | Live is false: m"]],
])("then %s", (_what, then, expected) => {
  expect(story(status(SOUND), then, then)).toEqual([expect.anything(), expected, []]);
});

test("another reason for what does not hold is told", () => {
  const dead = status({ ...SOUND, Live: ["False", "AllPathsDead"] });
  const broken = status({ ...SOUND, Live: ["False", "PathDead"] });
  expect(story(dead, broken)[1]).toEqual(["PathDead | Live is false: m"]);
});
