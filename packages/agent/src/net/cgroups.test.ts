import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../../../test/support/code-of";
import { Cgroups } from "./cgroups";

let mount: string;
let mounts: string;
beforeAll(() => {
  mount = mkdtempSync(join(tmpdir(), "cgroups-"));
  mkdirSync(join(mount, "lab/h1/apps/video"), { recursive: true });
  mounts = `cgroup /c cgroup rw 0 0\nnone ${mount} cgroup2 rw 0 0\n`;
});
afterAll(() => rmSync(mount, { recursive: true }));

test.each([
  ["the root", undefined, "lab/h1/apps/video", 4],
  ["a relative root", "lab/h1", "apps/video", 4],
  ["an absolute root", "MOUNT/lab/h1", "apps", 3],
])("id and level from %s", (_, root, path, level) => {
  const cgroups = Cgroups.open(root?.replace("MOUNT", mount), mounts);
  expect(cgroups.find(path)).toEqual({ id: statSync(join(cgroups.base, path), { bigint: true }).ino, level });
});

test.each([["missing"], ["../.."], ["/lab"], ["lab/../lab"]])("%s is not there", (path) => {
  expect(Cgroups.open(undefined, mounts).find(path)).toBeUndefined();
});

test.each<[string, string | undefined, string, string]>([
  ["no cgroup v2", undefined, "", "missing_kernel_feature"],
  ["a root outside", "/etc", "m", "invalid_argument"],
  ["a root that climbs", "a/../..", "m", "invalid_argument"],
])("refused: %s", (_, root, text, code) => {
  expect(codeOf(() => Cgroups.open(root, text === "" ? "" : mounts))).toBe(code);
});
