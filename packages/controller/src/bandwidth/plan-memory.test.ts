import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Intent } from "@sextant/model";
import { eventually } from "../../../../test/support/eventually";
import { intentOf } from "../../../../test/support/intent";
import { network } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { type Admitted, admit } from "./admission";
import { PlanMemory } from "./plan-memory";

/** A short way over b, and a long one over c. */
const TWO = network(`
h1: a
h2: d
a-b delayUs=1000 capacityMbps=10
b-d delayUs=1000 capacityMbps=10
a-c delayUs=2000 capacityMbps=10
c-d delayUs=2000 capacityMbps=10
`);

const intent = (name: string, order: number): Intent => ({
  ...intentOf({ reservation: { mbps: 6 } }, name),
  order,
});

const wayOf = ({ plans }: Admitted, name: string) =>
  plans.get(name)?.policies[0]?.candidates[0]?.lists[0]?.path.nodes[2];

test("who had to cross a broken link leaves it when others leave a sound way", () => {
  const snapshot = createSnapshot(TWO, 1, [{ link: "a-b", from: "a" }]);
  const [first, second] = [intent("first", 1), intent("second", 2)];
  const memory = new PlanMemory();
  const admitted = (intents: readonly Intent[]) =>
    admit({ intents, snapshot, lacking: new Map(), measured: () => 0 }, memory);
  const crowded = admitted([first, second]);
  expect([wayOf(crowded, "first"), wayOf(crowded, "second")]).toEqual(["c", "b"]);
  expect(wayOf(admitted([second]), "second")).toBe("c");
});

test("what is kept of a plan is not the admission that made it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const memory = new PlanMemory();
  const snapshot = createSnapshot(TWO, 1);
  const intents = [intent("first", 1)];
  const ledgerOf = () =>
    new WeakRef(admit({ intents, snapshot, lacking: new Map(), measured: () => 0 }, memory).ledger);
  const before = ledgerOf();
  await eventually("the ledger goes", () => {
    collect();
    return before.deref() === undefined;
  });
  expect(ledgerOf().deref()?.size).toBe(1);
});
