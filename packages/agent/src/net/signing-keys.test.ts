import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SigningKeys } from "./signing-keys";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "keys-"));
  file = join(directory, "keys.yaml");
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(directory, name), text);
  chmodSync(join(directory, name), mode);
};
const secretOf = (keys: SigningKeys, id: number) => {
  const looked = keys.find(id);
  return looked.kind === "found" ? Buffer.from(looked.value.secret).toString("utf8") : looked.message;
};

test("secrets in files beside the list and in hexadecimal; a line break at the end is none of it", () => {
  write("one", "first\n");
  write("keys.yaml", "keys:\n- {id: 1, secretFile: one}\n- {id: 2, secretHex: 7365636f6e64}\n");
  const keys = new SigningKeys(file);
  expect(keys.any).toBe(true);
  expect([secretOf(keys, 1), secretOf(keys, 2)]).toEqual(["first", "second"]);
});

test("rollover: a second key appears, then the first goes, without a restart", () => {
  write("one", "first");
  write("keys.yaml", "keys: [{id: 1, secretFile: one}]");
  const keys = new SigningKeys(file);
  write("keys.yaml", "keys: [{id: 1, secretFile: one}, {id: 2, secretHex: '00'}]");
  keys.refresh();
  expect([keys.find(1).kind, keys.find(2).kind]).toEqual(["found", "found"]);
  write("keys.yaml", "keys: [{id: 2, secretHex: '00'}]");
  keys.refresh();
  expect([keys.find(1).kind, keys.find(2).kind]).toEqual(["missing", "found"]);
});

test("a key whose file goes is kept, and missed by the next agent", () => {
  write("one", "first");
  write("keys.yaml", "keys: [{id: 1, secretFile: one}]");
  const keys = new SigningKeys(file);
  rmSync(join(directory, "one"));
  keys.refresh();
  expect(keys.find(1).kind).toBe("found");
  expect(new SigningKeys(file).find(1)).toMatchObject({ kind: "missing", reason: "key_missing" });
});

test.each<[string, () => void, RegExp]>([
  ["no list", () => undefined, /keys\.yaml does not exist/],
  ["a list that others read", () => write("keys.yaml", "keys: []", 0o640), /chmod 600/],
  ["a list that is none", () => write("keys.yaml", "keys:\n- {id: one}\n"), /keys\.yaml:2:\d+ /],
  ["a list without the key", () => write("keys.yaml", "keys: []"), /has no key 1/],
  ["no secret", () => write("keys.yaml", "keys: [{id: 1, secretFile: gone}]"), /gone does not exist/],
  [
    "a secret that others read",
    () => {
      write("one", "first", 0o604);
      write("keys.yaml", "keys: [{id: 1, secretFile: one}]");
    },
    /one can be read by others/,
  ],
  [
    "an empty secret",
    () => {
      write("one", "\n");
      write("keys.yaml", "keys: [{id: 1, secretFile: one}]");
    },
    /one: expected 1 to 64 bytes/,
  ],
])("%s: said once, and the key is missing for that reason", (_, prepare, message) => {
  prepare();
  const problems: string[] = [];
  const keys = new SigningKeys(file, (problem) => problems.push(problem));
  keys.refresh();
  keys.refresh();
  expect(keys.find(1)).toMatchObject({
    kind: "missing",
    reason: "key_missing",
    message: expect.stringMatching(message),
  });
  expect(problems.length).toBeLessThan(2);
});

test("a host without keys says how to give it some", () => {
  expect(new SigningKeys(undefined).find(1)).toMatchObject({ message: expect.stringContaining("--signing-keys") });
});
