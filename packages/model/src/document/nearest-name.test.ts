import { didYouMean, nearestName } from "./nearest-name";

describe("nearest name", () => {
  test.each([
    ["zhr", ["zrh", "gva"], "zrh"],
    ["Zrh", ["zrh", "gva"], "zrh"],
    ["maxDelay", ["maxDelayMs", "maxHops"], "maxDelayMs"],
    ["constrains", ["constraints"], "constraints"],
    ["x", ["zrh"], undefined],
    ["frankfurt", ["zrh"], undefined],
    ["anything", [], undefined],
    // The first of two equally near names: the answer depends on the order given, not on chance.
    ["ab", ["ac", "ad"], "ac"],
  ])("%s among %j is %s", (written, known, nearest) => {
    expect(nearestName(written, known)).toBe(nearest);
  });

  test("the hint is empty when nothing is near", () => {
    expect(didYouMean("x", ["zrh"])).toBe("");
    expect(didYouMean("zhr", ["zrh"])).toContain('"zrh"');
  });
});
