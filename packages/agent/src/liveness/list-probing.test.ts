import { entries, list, probing } from "../../../../test/support/desired";
import { probingOfLists } from "./list-probing";

const SETTINGS = { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 };
const [a, b] = [list(1), list(2)];

test("what is not asked for is as the host's settings say; lists that nothing is said of are not named", () => {
  const asked = probing([a], { intervalUs: 3_300 });
  const told = probingOfLists(entries(a, b, asked), SETTINGS);
  expect([...told.keys()]).toEqual([a.key]);
  expect(told.get(a.key)).toMatchObject({ intervalUs: 3_300, multiplier: 3, violationMs: 1_000 });
  const patient = probingOfLists(entries(probing([a], { multiplier: 5 })), SETTINGS);
  expect(patient.get(a.key)).toMatchObject({ intervalUs: 100_000, multiplier: 5 });
});

test("without the entry nothing is said", () => {
  expect(probingOfLists(entries(a), SETTINGS).size).toBe(0);
});
