import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LAUNCHER = join(__dirname, "../../../sextant");

describe("the launcher", () => {
  const directory = mkdtempSync(join(tmpdir(), "sextant-cli-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  test("runs the built command through a symbolic link, from any directory, and passes its exit status on", () => {
    const link = join(directory, "link");
    symlinkSync(LAUNCHER, link);
    const run = (...args: string[]) => spawnSync(link, args, { cwd: "/", encoding: "utf8" });
    expect(run("version").stdout).toMatch(/^sextant \d+\.\d+\.\d+/);
    expect(run("no-such-command").status).toBe(2);
  });

  test("says what to do where nothing is built", () => {
    const copy = join(directory, "sextant");
    copyFileSync(LAUNCHER, copy);
    const { status, stderr } = spawnSync(copy, ["version"], { encoding: "utf8" });
    expect(status).toBe(5);
    expect(stderr).toContain("make build");
  });
});
