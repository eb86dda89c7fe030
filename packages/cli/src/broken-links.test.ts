// Commands that compute what the controller computes, while observation rules a link out.
import { Ladder } from "../../controller/src/testing/ladder";
import type { JsonObject } from "./resource";
import { runMain } from "./testing/run-main";

let ladder: Ladder;
beforeEach(async () => {
  ladder = await Ladder.start();
  ladder.linkBreaks();
  await ladder.told("l3");
});
afterEach(() => ladder.controller.stop());

const json = async (...args: string[]) => {
  const { stdout } = await runMain(...args, "--server", ladder.controller.target, "-o", "json");
  return JSON.parse(stdout) as JsonObject;
};

test("a simulation begins with the paths that the controller has", async () => {
  const { changed } = await json("simulate", "--fail", "link:cd");
  const { impacts } = changed as JsonObject;
  // The broken link is all that is left, and gets nothing through.
  expect(impacts).toContainEqual(
    expect.objectContaining({
      intent: "slow",
      effects: ["interrupted", "moves"],
      before: expect.objectContaining({ nodes: ["l3", "a", "c", "d", "r1"] }),
      after: expect.objectContaining({ nodes: ["l3", "a", "b", "d", "r1"] }),
    }),
  );
});

test("an explanation is of the path that the controller has", async () => {
  const [explained] = (await json("explain", "slow"))["explanations"] as JsonObject[];
  const shown = (await json("get", "intent", "slow"))["status"] as JsonObject;
  const nodes = ["l3", "a", "c", "d", "r1"];
  expect(shown).toMatchObject({ policies: [{ candidates: [{ nodes }] }] });
  expect(JSON.stringify(explained)).toContain('"node":"c"');
});
