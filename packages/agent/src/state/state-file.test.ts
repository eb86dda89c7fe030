import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ipv6 } from "@sextant/model";
import { domain, entries, list, policy, probing } from "../../../../test/support/desired";
import { decodeHostState, encodeHostState, type HostState, sameEntries } from "./host-state";
import { StateFile, statePath } from "./state-file";

let directory: string;
let file: StateFile;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "state-"));
  file = new StateFile(statePath(join(directory, "new"), "h1"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("file", () => {
  test("what was written is read, and nothing else is left behind", async () => {
    await file.write("one");
    await file.write("two\nlines");
    expect(await file.read()).toEqual({ kind: "intact", text: "two\nlines" });
    expect(readdirSync(join(directory, "new"))).toEqual(["h1.state"]);
  });

  test("absent, and absent again once removed", async () => {
    expect(await file.read()).toEqual({ kind: "absent" });
    await file.write("x");
    await file.remove();
    expect(await file.read()).toEqual({ kind: "absent" });
  });

  test.each<[string, (path: string) => void]>([
    ["cut short", (path) => truncateSync(path, readFileSync(path).length - 1)],
    ["longer", (path) => appendFileSync(path, "x")],
    ["empty", (path) => truncateSync(path, 0)],
    ["of another format", (path) => writeFileSync(path, readFileSync(path, "utf8").replace("state 1", "state 2"))],
    ["with one letter changed", (path) => writeFileSync(path, readFileSync(path, "utf8").replace("text", "test"))],
  ])("corrupt: %s", async (_, damage) => {
    await file.write("some text");
    damage(file.path);
    expect(await file.read()).toMatchObject({ kind: "corrupt" });
  });

  test("a write that fails leaves no older text behind", async () => {
    await file.write("old");
    await expect(file.write("x".repeat((64 << 20) + 1))).rejects.toMatchObject({ code: "store_full" });
    expect(await file.read()).toEqual({ kind: "absent" });
  });
});

describe("host state", () => {
  const a = list(1);
  const wanted = entries(a, policy("video", [a]), domain());
  const withProbing = entries(a, probing([a], { intervalUs: 10_000, links: [2n ** 64n - 1n] }));
  const base: HostState = {
    host: "h1",
    settings: { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 },
    term: 2n ** 60n,
    names: [{ name: "cdn.example", addresses: [ipv6("2001:db8::1")] }],
    wanted,
    installed: wanted,
  };

  test.each<[string, HostState]>([
    ["all installed", base],
    ["nothing", { ...base, wanted: new Map(), installed: new Map() }],
    [
      "an older version of an entry",
      { ...base, installed: entries(a, policy("video", [a], { generation: 0 }), domain()) },
    ],
    ["a list that is no longer wanted", { ...base, installed: new Map([...wanted, ...entries(list(9))]) }],
    ["how lists are probed", { ...base, wanted: withProbing, installed: withProbing }],
    ["something not installed", { ...base, installed: entries(a) }],
  ])("%s survives", (_, state) => {
    const decoded = decodeHostState(encodeHostState(state));
    expect(decoded).toEqual(state);
  });

  test("a list from before there was a second way back has none", () => {
    const text = encodeHostState(base);
    const older = text.replaceAll('"alternateProbeSegments":[],', "");
    expect(older).not.toBe(text);
    expect(decodeHostState(older)).toEqual(base);
  });

  test("entries are the same when they are the very same", () => {
    expect(sameEntries(wanted, new Map(wanted))).toBe(true);
    expect(sameEntries(wanted, entries(a))).toBe(false);
    expect(sameEntries(wanted, new Map([...wanted, ...entries(policy("video", []))]))).toBe(false);
  });
});
