import { loadCatalog } from "../pipeline/catalog";
import { DIAMOND } from "../testing/documents";
import { Documents } from "./documents";
import pino from "pino";

test("documents that cannot be planned ahead come into force all the same: they are stored", async () => {
  const lines: string[] = [];
  let changes = 0;
  const documents = new Documents({
    catalog: loadCatalog([], "store"),
    store: { commit: () => Promise.resolve() },
    log: pino({}, { write: (line) => void lines.push(line) }),
    history: { applied: () => undefined, deleted: () => undefined },
    prepare: () => Promise.reject(new Error("a bug")),
    onChange: () => changes++,
  });
  expect(await documents.apply([{ name: "test.yaml", content: DIAMOND }], false)).not.toHaveProperty("issues");
  expect(documents.catalog.topology?.value.name).toBe("diamond");
  expect(changes).toBe(1);
  expect(lines.join("")).toContain("documents could not be planned ahead");
});
