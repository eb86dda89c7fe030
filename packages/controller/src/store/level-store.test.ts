import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import type { DocumentRecord } from "../pipeline/document-record";
import { outcome, spawnTypescript } from "../testing/child";
import { openLevelStore } from "./level-store";

let dir: string;
let data: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sextant-level-"));
  data = join(dir, "data");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const intent = (name: string, size = 200): DocumentRecord => {
  return { kind: "Intent", name, labels: {}, spec: { text: name.repeat(size / name.length) }, generation: 1 };
};
const put = (...puts: DocumentRecord[]) => ({ puts, deletes: [] });
const namesIn = async (where: string) => {
  const store = await openLevelStore(where);
  const records = await store.load();
  await store.close();
  return records.map(({ name }) => name);
};

/** Fills a store with 20 documents; compaction moves them from the log to a table. */
async function fill(compact: boolean): Promise<void> {
  const store = await openLevelStore(data);
  for (let i = 10; i < 30; i++) await store.commit(put(intent(`d${i}`)));
  await store.close();
  if (!compact) return;
  const database = new ClassicLevel(data, { compression: false });
  await database.open();
  await database.compactRange("a", "z");
  await database.close();
}

const fileLike = (pattern: RegExp) => join(data, readdirSync(data).find((name) => pattern.test(name)) ?? "");

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

describe("damage", () => {
  test.each([
    ["the first record of the log", false, /\.log$/, 20],
    ["the middle of the log", false, /\.log$/, 3_000],
    ["a checksum in the log", false, /\.log$/, 0],
    ["the manifest", false, /^MANIFEST/, 20],
    ["a block of a table", true, /\.ldb$/, 100],
    ["the footer of a table", true, /\.ldb$/, -1],
    ["the index of a table", true, /\.ldb$/, -60],
  ])("in %s is found before anything is changed, and the file is named", async (_what, compact, pattern, at) => {
    await fill(compact);
    const path = fileLike(pattern);
    flip(path, at < 0 ? readFileSync(path).length + at : at);
    const before = readdirSync(data);
    const opening = openLevelStore(data);
    await expect(opening).rejects.toMatchObject({
      code: "store_corrupt",
      message: expect.stringContaining(path) as string,
    });
    expect(readdirSync(data)).toEqual(before);
  });

  test.each([
    ["CURRENT", (path: string) => rmSync(path)],
    ["CURRENT", (path: string) => writeFileSync(path, "nonsense\n")],
    ["CURRENT", (path: string) => writeFileSync(path, "MANIFEST-999999\n")],
  ])("of %s is found", async (name, damage) => {
    await fill(false);
    damage(join(data, name));
    await expect(openLevelStore(data)).rejects.toMatchObject({ code: "store_corrupt" });
  });

  test("by a missing table is found", async () => {
    await fill(true);
    rmSync(fileLike(/\.ldb$/));
    await expect(openLevelStore(data)).rejects.toMatchObject({ code: "store_corrupt" });
  });

  test("in a record's own text is found when it is loaded, and the record is named", async () => {
    await fill(false);
    const database = new ClassicLevel(data, { compression: false });
    await database.open();
    await database.put("document/Intent/d15", '{"kind":"Intent"');
    await database.close();
    const store = await openLevelStore(data);
    const loading = store.load();
    await expect(loading).rejects.toMatchObject({
      code: "store_corrupt",
      message: expect.stringContaining("d15") as string,
    });
    await store.close();
  });

  test("a write that a crash cut off is no damage: it was never acknowledged", async () => {
    await fill(false);
    const log = fileLike(/\.log$/);
    truncateSync(log, readFileSync(log).length - 50);
    expect(await namesIn(data)).toHaveLength(19);
  });
});

describe("a full disk", () => {
  const mounted = join(tmpdir(), `sextant-full-${process.pid}`);
  const mount = (size: string) => {
    mkdirSync(mounted, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", mounted]);
  };
  afterEach(() => {
    execFileSync("umount", [mounted]);
    rmSync(mounted, { recursive: true });
  });

  test("is noticed before the reserve is touched; the store goes on and takes writes again when there is room", async () => {
    mount("24m");
    const store = await openLevelStore(mounted);
    await store.commit(put(intent("a")));
    writeFileSync(join(mounted, "ballast"), Buffer.alloc(10 * 1024 * 1024));
    await expect(store.commit(put(intent("b"), intent("c")))).rejects.toMatchObject({ code: "store_full" });
    expect((await store.load()).map(({ name }) => name)).toEqual(["a"]);
    rmSync(join(mounted, "ballast"));
    await store.commit(put(intent("d")));
    await store.close();
    expect(await namesIn(mounted)).toEqual(["a", "d"]);
  });

  test("that LevelDB itself runs into leaves nothing of the failed commit", async () => {
    mount("1m");
    const store = await openLevelStore(mounted, { reserveBytes: Number.NEGATIVE_INFINITY });
    await store.commit(put(intent("a"), intent("b")));
    writeFileSync(join(mounted, "ballast"), Buffer.alloc(600 * 1024));
    const tooMuch = [intent("b", 300_000), intent("c", 300_000)];
    await expect(store.commit(put(...tooMuch))).rejects.toMatchObject({ code: "store_full" });
    await expect(store.commit(put(...tooMuch))).rejects.toMatchObject({ code: "store_full" });
    rmSync(join(mounted, "ballast"));
    await store.commit(put(intent("d")));
    expect(await store.load()).toEqual([intent("a"), intent("b"), intent("d")]);
    await store.close();
    expect(await namesIn(mounted)).toEqual(["a", "b", "d"]);
  });
});

describe("access", () => {
  test("a second controller is told that the directory is in use", async () => {
    const store = await openLevelStore(data);
    const child = spawnTypescript(
      `use("store/level-store").openLevelStore(${JSON.stringify(data)}).catch((error) => console.log(error.code));`,
    );
    expect((await outcome(child)).stdout).toBe("store_locked\n");
    await store.close();
  });

  test("a directory of somebody else's is refused", async () => {
    await (await openLevelStore(data)).close();
    execFileSync("chown", ["-R", "65534", data]);
    execFileSync("chmod", ["700", data]);
    // Root without its way round permissions: another user might not be able to read the checkout.
    const child = spawnTypescript(
      `use("store/level-store").openLevelStore(${JSON.stringify(data)}).catch((error) => console.log(error.code));`,
      ["setpriv", "--bounding-set=-dac_override,-dac_read_search"],
    );
    expect((await outcome(child)).stdout).toBe("permission_denied\n");
  });

  test("a file in its place is refused", async () => {
    writeFileSync(data, "");
    await expect(openLevelStore(data)).rejects.toMatchObject({ code: "invalid_argument" });
  });
});

test("kill -9 while writing loses nothing that was acknowledged, and leaves no half of a batch", async () => {
  const source = `
    const put = (name) => ({ kind: "Intent", name, labels: {}, spec: { text: "x".repeat(2000) }, generation: 1 });
    use("store/level-store").openLevelStore(${JSON.stringify(data)}).then(async (store) => {
      const run = (await store.load()).length;
      for (let i = 0; ; i++) {
        await store.commit({ puts: [put("r" + run + "-" + i + "a"), put("r" + run + "-" + i + "b")], deletes: [] });
        console.log("r" + run + "-" + i);
      }
    });`;
  const acknowledged: string[] = [];
  for (const count of [1, 25, 60, 140]) {
    const child = spawnTypescript(source);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split("\n").length > count) child.kill("SIGKILL");
    });
    await outcome(child);
    acknowledged.push(...text.split("\n").slice(0, -1));
    const found = new Set(await namesIn(data));
    expect(acknowledged.filter((name) => !found.has(`${name}a`) || !found.has(`${name}b`))).toEqual([]);
    expect([...found].filter((name) => !found.has(name.replace(/.$/, name.endsWith("a") ? "b" : "a")))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(226);
});
