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

describe("plans made before their catalog is in force", () => {
  let made: string[];
  let plans: Plans;
  beforeEach(() => {
    made = [];
    plans = new Plans((intent, snapshot, lacking) => {
      made.push(intent.name);
      if (intent.name === "cursed") throw new RangeError("no such row");
      return planIntent(intent, snapshot, lacking);
    });
  });
  const both = catalogOf(DIAMOND, intentYaml("mail"), intentYaml("web"));
  const broken = [{ link: "w-s", from: "w" }];
  const linksOf = (name: string) => plans.of(name)?.policies[0]?.candidates[0]?.path.links;

  /** Makes all of them, one at a time; gives how often it was asked. */
  function prepare(catalog: Catalog): number {
    for (let turns = 1; ; turns++) if (!plans.prepare({ catalog, budgetMs: 0 })) return turns;
  }

  test("are made in turns, change nothing, and are taken when it comes into force", () => {
    expect(prepare(both)).toBeGreaterThan(made.length);
    expect([made.toSorted(), plans.of("web"), plans.snapshot]).toEqual([["mail", "web"], undefined, undefined]);
    expect(plans.refresh({ catalog: both, budgetMs: 0 })).toMatchObject({ computed: 2, left: 0 });
    expect(made).toHaveLength(2);
    expect([...plans.policiesOf("alice").keys()].sort()).toEqual(["policy/mail/bob", "policy/web/bob"]);
  });

  test("are of what the catalog changes only", () => {
    const { topology, intents } = both;
    plans.refresh({ catalog: both });
    const more = {
      ...both,
      topology,
      intents: intents.with(catalogOf(DIAMOND, intentYaml("new")).intents),
    };
    made.length = 0;
    prepare(more);
    plans.refresh({ catalog: more });
    expect(made).toEqual(["new"]);
  });

  test("a link breaks in between: they are as good as they were, and made anew with what is left", () => {
    prepare(both);
    expect(plans.refresh({ catalog: both, unusable: broken, budgetMs: 0 })).toMatchObject({ computed: 2, left: 2 });
    expect(linksOf("web")).toContain("w-s");
    while (plans.refresh({ catalog: both, unusable: broken, budgetMs: 1 }).left > 0);
    expect(linksOf("web")).not.toContain("w-s");
    expect(made.toSorted()).toEqual(["mail", "mail", "web", "web"]);
  });

  test("another catalog comes into force instead: they are not taken", () => {
    prepare(both);
    const other = catalogOf(DIAMOND, intentYaml("web", ["objective: {minimize: igp}"]));
    plans.refresh({ catalog: other });
    expect(linksOf("web")).toEqual(expect.arrayContaining(["w-n"]));
  });

  test("another catalog follows, or comes into force, before the network of the first is there", () => {
    const other = catalogOf(DIAMOND, intentYaml("web", ["objective: {minimize: igp}"]));
    plans.prepare({ catalog: both, budgetMs: 0 });
    plans.prepare({ catalog: other, budgetMs: 0 });
    plans.prepare({ catalog: both, budgetMs: 0 });
    plans.refresh({ catalog: other });
    expect(linksOf("web")).toEqual(expect.arrayContaining(["w-n"]));
    made.length = 0;
    prepare(both);
    expect(plans.refresh({ catalog: both })).toMatchObject({ computed: 2, left: 0 });
    expect([linksOf("web")?.includes("w-s"), made.toSorted()]).toEqual([true, ["mail", "web"]]);
  });

  test("its network comes into force with other documents before it is there", () => {
    const { topology } = both;
    const few = { ...both, topology, intents: catalogOf(DIAMOND, intentYaml("mail")).intents };
    plans.prepare({ catalog: both, budgetMs: 0 });
    plans.refresh({ catalog: few });
    const network = plans.snapshot?.flat;
    prepare(both);
    plans.refresh({ catalog: both });
    expect([plans.snapshot?.flat === network, linksOf("web")?.includes("w-s")]).toEqual([true, true]);
  });

  test("one that throws is told of when the catalog comes into force", () => {
    const catalog = catalogOf(DIAMOND, intentYaml("cursed"), intentYaml("web"));
    prepare(catalog);
    expect(plans.refresh({ catalog }).failed).toMatchObject([{ intent: "cursed" }]);
    expect(plans.of("web")?.policies).toHaveLength(1);
  });
});

describe("a change of many intents", () => {
  const MANY = 1_001;
  const texts = (priority: number) =>
    Array.from({ length: MANY }, (_, i) => intentYaml(`i${i}`, [`priority: ${priority}`]));
  const first = catalogOf(DIAMOND, ...texts(1));
  const second = catalogOf(DIAMOND, ...texts(2));
  /** In the same network, as a controller has it. */
  const next = { ...second, topology: first.topology };

  test("comes into force in turns, and takes what was made ahead", () => {
    let made = 0;
    const plans = new Plans((intent) => {
      made++;
      return { intent, policies: [], unknownSources: [] };
    });
    plans.refresh({ catalog: first });
    while (plans.prepare({ catalog: next, budgetMs: 5 }));
    expect(plans.refresh({ catalog: next, budgetMs: 0 })).toMatchObject({ computed: 0, left: MANY });
    expect(plans.of("i0")?.intent.priority).toBe(1);
    const touched = new Set<string>();
    for (let left = MANY; left > 0; ) {
      const result = plans.refresh({ catalog: next, budgetMs: 0.001 });
      for (const name of result.touched) touched.add(name);
      left = result.left;
    }
    expect([touched.size, plans.of("i1000")?.intent.priority, made]).toEqual([MANY, 2, 2 * MANY]);
  });

  test("is at once where the network is another", () => {
    const plans = new Plans((intent) => ({ intent, policies: [], unknownSources: [] }));
    plans.refresh({ catalog: first });
    while (plans.prepare({ catalog: second, budgetMs: 5 }));
    expect(plans.refresh({ catalog: second, budgetMs: 0 })).toMatchObject({ computed: MANY, left: 0 });
  });
});

describe("what links and hosts reach", () => {
  const south = intentYaml("south", ["objective: {minimize: delay}"]);
  const north = intentYaml("north", ["objective: {minimize: igp}"]);
  const catalog = catalogOf(DIAMOND, south, north);
  let made: string[];
  let plans: Plans;
  beforeEach(() => {
    made = [];
    plans = new Plans((intent, snapshot, lacking) => {
      made.push(intent.name);
      return planIntent(intent, snapshot, lacking);
    });
    plans.refresh({ catalog });
    made.length = 0;
  });

  test("a link that breaks and is mended: the intents that cross it", () => {
    const unusable = [{ link: "w-s", from: "w" }];
    plans.refresh({ catalog, unusable });
    plans.refresh({ catalog, unusable: [] });
    expect(made).toEqual(["south", "south"]);
  });

  test("one that is mended before anything was done about it: none", () => {
    plans.refresh({ catalog, unusable: [{ link: "w-s", from: "w" }], budgetMs: 0 });
    expect(plans.refresh({ catalog, unusable: [] })).toMatchObject({ computed: 0, left: 0 });
    expect(made).toEqual([]);
  });

  test("a host that cannot do something: the intents that end there", () => {
    plans.refresh({ catalog, lacking: new Map([["nobody", new Set(["encap" as const])]]) });
    expect(made).toEqual([]);
    plans.refresh({ catalog, lacking: new Map([["bob", new Set(["encap" as const])]]) });
    expect(made).toEqual(["north", "south"]);
  });
});
