import fc from "fast-check";
import { SharingMap } from "../../packages/controller/src/pipeline/sharing-map";
import { check } from "./fuzz";

const name = fc.oneof(
  fc.string({ maxLength: 2 }),
  fc.nat(50).map((n) => `intent-${n}`),
);
const change = fc.oneof(
  fc.record({ put: fc.array(fc.tuple(name, fc.nat(3)), { maxLength: 20 }) }),
  fc.record({ drop: fc.array(name, { maxLength: 20 }) }),
);

test("every version has what a plain map would have, and the changes between two lead from one to the other", () => {
  check(1_000, 3, fc.array(change, { maxLength: 12 }), (changes) => {
    const versions = [{ map: SharingMap.of<number>(), model: new Map<string, number>() }];
    for (const step of changes) {
      const { map, model } = versions.at(-1) as (typeof versions)[0];
      const next = new Map(model);
      if ("put" in step) for (const [key, value] of step.put) next.set(key, value);
      else for (const key of step.drop) next.delete(key);
      versions.push({ map: "put" in step ? map.with(step.put) : map.without(step.drop), model: next });
    }
    for (const { map, model } of versions) {
      expect(map.size).toBe(model.size);
      expect(new Map(map)).toEqual(model);
      for (const before of versions) {
        const { set, gone } = map.changesSince(before.map);
        expect(set.every(([key, value]) => before.model.get(key) !== value)).toBe(true);
        const led = new Map([...before.model, ...set]);
        for (const key of gone) expect(led.delete(key)).toBe(true);
        expect(led).toEqual(model);
      }
    }
  });
});
