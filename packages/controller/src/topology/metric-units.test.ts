import { network } from "../../../../test/support/network";
import { crossingCost, formatMs, millisecondsToUnits, toFieldUnits } from "./metric-units";

function directionWith(fields: string) {
  const [link] = network(`a-b ${fields}`).links;
  if (link === undefined) throw new Error("no link");
  return link.aToB;
}

test.each([0, 0.001, 1, 37.5, 1_000, 500_000])("loss of %d ppm comes back as it was", (lossPpm) => {
  const units = crossingCost({ ...directionWith("igp=1"), lossPpm }, "loss");
  expect(toFieldUnits("loss", units)).toBeCloseTo(lossPpm, 3);
});

test("losses combine as the product of what is delivered", () => {
  const half = crossingCost(directionWith("lossPpm=500000"), "loss");
  expect(toFieldUnits("loss", half + half)).toBe(750_000);
});

test("a link that loses everything has a cost all the same", () => {
  const units = crossingCost(directionWith("lossPpm=1000000"), "loss");
  expect(Number.isSafeInteger(units)).toBe(true);
  expect(toFieldUnits("loss", units)).toBe(1_000_000);
});

test("a bound in ms and a delay in us meet exactly", () => {
  expect(crossingCost(directionWith("delayUs=20100"), "delay")).toBe(millisecondsToUnits(20.1));
});

test.each<[string, string]>([
  [formatMs(23_400), "23.4 ms"],
  [formatMs(0), "0 ms"],
  [formatMs(0.1), "0.0001 ms"],
])("%s", (text, expected) => {
  expect(text).toBe(expected);
});
