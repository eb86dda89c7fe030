// Commands that plan what the controller plans, for hosts that cannot do everything.
import { DIAMOND, intentYaml } from "../../controller/src/testing/documents";
import { TestController } from "../../controller/src/testing/test-controller";
import type { JsonObject } from "./resource";
import { runMain } from "./testing/run-main";

/** The fast way over s has room for one of them. */
const NARROW = DIAMOND.replace(/(w, b: s|a: s, b: e),/g, "$1, capacityMbps: 10,");
const OUTER = intentYaml("outer", ["mode: encap", "application: {ports: [80]}", "reservation: {mbps: 8}"]);
const PLAIN = intentYaml("plain", ["mode: insert", "reservation: {mbps: 8}"]);

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start();
  await controller.operator.apply([NARROW, OUTER, PLAIN]);
  // It puts no outer headers on, so its first intent has no list, and reserves nothing.
  await controller
    .agent("alice")
    .hello({ features: ["insert"] })
    .delta(1);
});
afterEach(() => controller.stop());

const sextant = async (...args: string[]) => (await runMain(...args, "--server", controller.target)).stdout;

test("what an intent cannot send is no traffic: not in simulations, stories, explanations and placements", async () => {
  const { changed } = JSON.parse(await sextant("simulate", "--remove", "outer", "-o", "json")) as JsonObject;
  expect(changed).toMatchObject({ counts: { moves: 0 }, mlu: { beforePercent: 80, afterPercent: 80 } });
  expect(await sextant("describe", "intent", "plain")).not.toContain("reservation: without it");
  expect(await sextant("explain", "plain")).not.toContain("reservation: without it");
  const { lists } = JSON.parse(await sextant("place", "--max-moves", "0", "-o", "json")) as JsonObject;
  expect(lists).toMatchObject([
    { demand: "outer: alice to bob", lists: [{ midpoints: [] }] },
    { demand: "plain: alice to bob", lists: [{ links: expect.arrayContaining(["w-s:w>s", "s-e:s>e"]) }] },
  ]);
});
