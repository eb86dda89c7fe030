import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import type { DocumentRecord } from "../pipeline/document-record";
import { RedisServer } from "../testing/redis-server";
import { openLevelStore } from "./level-store";
import { openRedisStore } from "./redis-store";
import type { Store } from "./store";

/** How to get at one place where documents are kept; each test gets an empty one. */
interface Place {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const IMPLEMENTATIONS: readonly (readonly [string, () => Promise<Place>])[] = [
  [
    "embedded",
    () => {
      const dir = mkdtempSync(join(tmpdir(), "sextant-store-"));
      const remove = () => rm(dir, { recursive: true });
      return Promise.resolve({ open: () => openLevelStore(join(dir, "data")), remove });
    },
  ],
  [
    "Redis",
    async () => {
      const server = new RedisServer();
      await server.start();
      return { open: () => openRedisStore(server.url), remove: () => server.remove() };
    },
  ],
];

const intent = (name: string, generation = 1, spec: unknown = { priority: generation }): DocumentRecord => {
  return { kind: "Intent", name, labels: { team: "video" }, spec, generation };
};

describe.each(IMPLEMENTATIONS)("the %s store", (_name, makePlace) => {
  let place: Place;
  let stores: Store[] = [];
  const open = async () => {
    const store = await place.open();
    stores.push(store);
    return store;
  };
  const reopen = async (store: Store) => {
    await store.close();
    stores = stores.filter((one) => one !== store);
    return open();
  };
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
    await place.remove();
  });

  test("is empty at first", async () => {
    expect(await (await open()).load()).toEqual([]);
  });

  test("has what was committed after it is opened again, in order of kind and name", async () => {
    const store = await open();
    const topology: DocumentRecord = {
      kind: "Topology",
      name: "net",
      labels: {},
      spec: { text: "Zürich \u{1f5fa} \n" },
      generation: 3,
    };
    await store.commit({ puts: [intent("b"), topology, intent("a")], deletes: [] });
    expect(await (await reopen(store)).load()).toEqual([intent("a"), intent("b"), topology]);
  });

  test("replaces and deletes in one step", async () => {
    const store = await open();
    await store.commit({ puts: [intent("a"), intent("b")], deletes: [] });
    await store.commit({ puts: [intent("b", 2), intent("c")], deletes: [{ kind: "Intent", name: "a" }] });
    expect(await store.load()).toEqual([intent("b", 2), intent("c")]);
  });

  test("takes commits in the order in which they were given", async () => {
    const store = await open();
    await Promise.all(
      [1, 2, 3, 4, 5].map((generation) => store.commit({ puts: [intent("a", generation)], deletes: [] })),
    );
    expect(await store.load()).toEqual([intent("a", 5)]);
  });

  test("keeps a large document whole", async () => {
    const store = await open();
    const large = intent("large", 1, { text: "x".repeat(3_000_000) });
    await store.commit({ puts: [large], deletes: [] });
    expect(await (await reopen(store)).load()).toEqual([large]);
  });

  test("counts terms from 1 and never again the same", async () => {
    const store = await open();
    expect([await store.nextTerm(), await store.nextTerm()]).toEqual([1n, 2n]);
    const again = await reopen(store);
    await again.commit({ puts: [intent("a")], deletes: [] });
    expect(await again.nextTerm()).toBe(3n);
    expect([await again.nextTerm(9n), await again.nextTerm(9n)]).toEqual([9n, 10n]);
  });

  test("of two controllers one at most can commit, and the other is told store_locked", async () => {
    const first = await open();
    await first.nextTerm();
    const outcomes: (string | undefined)[] = [];
    const attempt = (action: () => Promise<void>) =>
      action().then(
        () => outcomes.push(undefined),
        (error: unknown) => outcomes.push(SextantError.from(error).code),
      );
    await attempt(async () => {
      const second = await open();
      await second.nextTerm();
      await second.commit({ puts: [intent("second")], deletes: [] });
    });
    await attempt(() => first.commit({ puts: [intent("first")], deletes: [] }));
    expect(outcomes.sort()).toEqual(["store_locked", undefined]);
  });

  test("describes itself", async () => {
    expect((await open()).description).toMatch(/store in|Redis at/);
  });
});
