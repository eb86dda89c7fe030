// Documents that take long to plan: agents and operators are served meanwhile, and see them when all are in force.
import { DIAMOND, intentYaml } from "../testing/documents";
import { TestController } from "../testing/test-controller";

jest.setTimeout(60_000);

const INTENTS = 1_500;
const MANY = Array.from({ length: INTENTS }, (_, i) => intentYaml(`many-${i}`)).join("---\n");
/** So many turns at least; a plan takes a good part of a millisecond, and a turn lasts 5. */
const TURNS = 10;

let controller: TestController;
beforeEach(async () => {
  controller = await TestController.start();
});
afterEach(() => controller.stop());

test("reads are answered while many documents are read and checked", async () => {
  const { operator } = controller;
  await operator.apply([DIAMOND, intentYaml("first")]);
  let left = 1;
  const checking = operator.apply([MANY], true).finally(() => left--);
  let answers = 0;
  for (; left > 0; answers++) expect(await operator.get("Intent")).toHaveLength(1);
  expect((await checking).results).toHaveLength(INTENTS);
  expect(answers).toBeGreaterThan(TURNS);
});

test("reads are answered while many intents are planned, and all come into force", async () => {
  const { operator } = controller;
  await operator.apply([DIAMOND, intentYaml("first")]);
  const agent = controller.agent("alice").hello();
  await agent.take(1);
  const applying = operator.apply([MANY]);
  const seen: number[] = [];
  do seen.push((await operator.get("Intent", "many-0", "many-700", `many-${INTENTS - 1}`)).length);
  while (seen.at(-1) === 0);
  expect(seen.at(-1)).toBe(3);
  expect(seen.length).toBeGreaterThan(TURNS);
  expect((await applying).results).toHaveLength(INTENTS);
  // Their policies follow in turns.
  let upserts = 0;
  for (let version = 2; upserts < INTENTS; version++) upserts += (await agent.take(version)).upserts.length;
});
