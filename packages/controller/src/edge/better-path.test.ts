// Improvements: a controller that only looked at the links that an intent uses would miss them.
import { eventually } from "../../../../test/support/eventually";
import { DIAMOND, intentYaml } from "../testing/documents";
import type { Status } from "../testing/operator-client";
import { TestController } from "../testing/test-controller";

/** Plain routing goes over s, which is narrow; the second link of the way over n may be anything. */
const network = (second: string) =>
  DIAMOND.replaceAll("igp: 15", "igp: 1, capacityMbps: 100")
    .replace("b: n, igp: 10", "b: n, igp: 10, capacityMbps: 1000")
    .replace(/.*a: n, b: e.*\n/, second === "" ? "" : `    - {a: n, b: e, ${second}}\n`);
const WIDE = network("capacityMbps: 1000");

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start();
});
afterEach(() => controller.stop());

async function middle(): Promise<string> {
  const status: Status = await controller.operator.status("Intent", "wide");
  return String(status.policies[0].candidates[0].nodes[2]);
}

test.each([
  ["a link is built", network("")],
  ["a link comes up", network("capacityMbps: 1000, state: down")],
  ["a link gets wider", network("capacityMbps: 50")],
])("a high-bandwidth intent moves when a better path appears: %s", async (_, before) => {
  const objective = "objective: [{maximize: bandwidth}, {minimize: delay}]";
  // Nothing that bob would have to be told of first.
  const intent = intentYaml("wide", [objective, "mode: insert"]);
  await controller.operator.apply([before, intent]);
  expect(await middle()).toBe("s");
  const agent = controller.agent("alice").hello();
  await agent.take(1);
  await controller.operator.apply([WIDE]);
  await eventually("the intent has moved", async () => (await middle()) === "n");
  const { upserts } = await agent.delta(2);
  expect(upserts.map(({ key }) => key)).toContain("policy/wide/bob");
});
