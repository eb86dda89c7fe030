import { accept } from "../pipeline/accept";
import { type Catalog, EMPTY_CATALOG } from "../pipeline/catalog";
import { planIntent } from "../pipeline/plan";
import { DIAMOND, intentYaml } from "../testing/documents";
import { intentStatus } from "./intent-status";
import { UNSEEN } from "./observed-conditions";
import { Plans } from "./plans";

function catalogOf(...texts: string[]): Catalog {
  const result = accept(
    texts.map((content, i) => ({ name: `f${i}.yaml`, content })),
    EMPTY_CATALOG,
  );
  if ("issues" in result) throw new Error(JSON.stringify(result.issues));
  return result.catalog;
}

describe("an intent whose computation throws", () => {
  const fragile: typeof planIntent = (intent, snapshot) => {
    if (intent.name === "cursed") throw new RangeError("no such row");
    return planIntent(intent, snapshot);
  };
  const plans = new Plans(fragile);
  const result = plans.refresh({ catalog: catalogOf(DIAMOND, intentYaml("cursed"), intentYaml("web")) });

  test("is reported and leaves the others alone", () => {
    expect(result).toMatchObject({
      computed: 2,
      failed: [{ intent: "cursed", error: expect.any(RangeError) as Error }],
    });
    expect([...plans.policiesOf("alice").keys()]).toEqual(["policy/web/bob"]);
  });

  test("says so in its status", () => {
    const plan = plans.of("cursed");
    const { conditions, policies } =
      plan === undefined ? { conditions: [], policies: [] } : intentStatus(plan, () => UNSEEN);
    expect(policies).toEqual([]);
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: "Computed", status: "False", reason: "InternalError" }) as object,
    );
  });

  test("is computed again with its next change", () => {
    const again = plans.refresh({ catalog: catalogOf(DIAMOND, intentYaml("web")) });
    expect(again.failed).toEqual([]);
    expect(plans.of("cursed")).toBeUndefined();
  });
});
