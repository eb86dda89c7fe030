import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSources } from "./read-sources";

describe("what -f names", () => {
  const directory = mkdtempSync(join(tmpdir(), "sextant-cli-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  for (const file of ["b.yaml", "a.yml", "c.json", "notes.md"]) writeFileSync(join(directory, file), file);
  mkdirSync(join(directory, "sub"));
  writeFileSync(join(directory, "latin-1.txt"), Buffer.from("name: k\xe4se", "latin1"));
  writeFileSync(join(directory, "marked.txt"), "\ufeffkind: Intent");

  test("a file stands for itself, whatever its name", () => {
    expect(readSources([join(directory, "c.json")])).toEqual([{ name: join(directory, "c.json"), content: "c.json" }]);
  });

  test("a directory for its YAML files in order", () => {
    expect(readSources([directory]).map(({ content }) => content)).toEqual(["a.yml", "b.yaml"]);
  });

  test("naming a file twice reads it once", () => {
    expect(readSources([directory, directory])).toHaveLength(2);
  });

  test("a byte order mark is no part of the text", () => {
    expect(readSources([join(directory, "marked.txt")])).toMatchObject([{ content: "kind: Intent" }]);
  });

  test.each([
    ["a missing file", "absent.yaml"],
    ["a directory without documents", "sub"],
    ["a file that is not UTF-8", "latin-1.txt"],
  ])("%s is bad input", (_, name) => {
    expect(() => readSources([join(directory, name)])).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});
