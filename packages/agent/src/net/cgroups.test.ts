import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../../../test/support/code-of";
import type { CgroupSelector } from "../reconcile/environment";
import { Cgroups } from "./cgroups";

let mount: string;
let mounts: string;
beforeAll(() => {
  mount = mkdtempSync(join(tmpdir(), "cgroups-"));
  mkdirSync(join(mount, "lab/h1/apps/video"), { recursive: true });
  mounts = `cgroup /c cgroup rw 0 0\nnone ${mount} cgroup2 rw 0 0\n`;
});
afterAll(() => rmSync(mount, { recursive: true }));

/** A selector of nothing but what is given. */
const select = (given: Partial<CgroupSelector>): CgroupSelector => ({
  cgroup: undefined,
  systemdUnit: undefined,
  container: undefined,
  ...given,
});
const inodeOf = (path: string) => statSync(join(mount, path), { bigint: true }).ino;

test.each([
  ["the root", undefined, "lab/h1/apps/video", 4],
  ["a relative root", "lab/h1", "apps/video", 4],
  ["an absolute root", "MOUNT/lab/h1", "apps", 3],
])("id and level from %s", (_, root, cgroup, level) => {
  const cgroups = Cgroups.open(root?.replace("MOUNT", mount), mounts);
  const id = statSync(join(cgroups.base, cgroup), { bigint: true }).ino;
  expect(cgroups.find(select({ cgroup }))).toEqual({ kind: "found", value: { id, level } });
});

const CONTAINER = "0123456789ab".padEnd(64, "0");
const TWIN = "0123456789ab".padEnd(64, "1");
const LONELY = "fedcba987654".padEnd(64, "3");

describe("units and containers", () => {
  beforeAll(() => {
    for (const path of [
      "system.slice/video.service/system.slice/video.service",
      "system.slice/system-backup.slice/backup@srv-my\\x2ddata.service",
      "system.slice/_memory.service",
      "system.slice/__private.service",
      "user.slice/u1/app.service",
      "user.slice/u2/app.service",
      `system.slice/docker-${CONTAINER}.scope`,
      `kubepods/pod1/cri-containerd-${TWIN}.scope`,
      `machine.slice/libpod-${LONELY}.scope/container`,
      `machine.slice/libpod-conmon-${LONELY}.scope`,
    ]) {
      mkdirSync(join(mount, path), { recursive: true });
    }
  });

  test.each<[string, Partial<CgroupSelector>, string]>([
    ["the outermost unit of a name", { systemdUnit: "video.service" }, "system.slice/video.service"],
    [
      "a unit with escapes in its name",
      { systemdUnit: "backup@srv-my\\x2ddata.service" },
      "system.slice/system-backup.slice/backup@srv-my\\x2ddata.service",
    ],
    [
      "a unit whose name begins as a controller's files do",
      { systemdUnit: "memory.service" },
      "system.slice/_memory.service",
    ],
    ["a unit whose name begins with _", { systemdUnit: "_private.service" }, "system.slice/__private.service"],
    ["a whole container id", { container: CONTAINER }, `system.slice/docker-${CONTAINER}.scope`],
    ["the beginning of one", { container: "fedcba987654" }, `machine.slice/libpod-${LONELY}.scope`],
    [
      "the inner one of several",
      { cgroup: "system.slice", systemdUnit: "video.service" },
      "system.slice/video.service",
    ],
  ])("%s", (_, selector, path) => {
    const found = Cgroups.open(undefined, mounts).find(select(selector));
    expect(found).toMatchObject({ kind: "found", value: { id: inodeOf(path) } });
  });

  test.each<[string, Partial<CgroupSelector>, string]>([
    ["no such cgroup", { cgroup: "missing" }, "cgroup_missing"],
    ["a path that climbs", { cgroup: "../.." }, "cgroup_missing"],
    ["an absolute path", { cgroup: "/lab" }, "cgroup_missing"],
    ["a path that climbs inside", { cgroup: "lab/../lab" }, "cgroup_missing"],
    ["a unit that does not run", { systemdUnit: "other.service" }, "unit_missing"],
    ["a unit that another one's directory is named like", { systemdUnit: "_memory.service" }, "unit_missing"],
    ["a unit that runs twice", { systemdUnit: "app.service" }, "cgroup_ambiguous"],
    ["a container that does not run", { container: "aaaaaaaaaaaa" }, "container_missing"],
    ["the beginning of two containers", { container: "0123456789ab" }, "cgroup_ambiguous"],
    ["two that are apart", { cgroup: "lab", systemdUnit: "video.service" }, "cgroup_missing"],
  ])("%s", (_, selector, reason) => {
    expect(Cgroups.open(undefined, mounts).find(select(selector))).toMatchObject({ kind: "missing", reason });
  });

  test("one that starts, stops and starts again is followed", () => {
    const cgroups = Cgroups.open(undefined, mounts);
    const path = join(mount, "system.slice/late.service");
    const kind = (nowMs: number) => {
      cgroups.refresh(nowMs);
      return cgroups.find(select({ systemdUnit: "late.service" })).kind;
    };
    expect(kind(0)).toBe("missing");
    mkdirSync(path);
    expect(kind(1_000)).toBe("found");
    rmSync(path, { recursive: true });
    expect(kind(2_000)).toBe("missing");
    mkdirSync(path);
    expect(kind(3_000)).toBe("found");
  });
});

test.each<[string, string | undefined, string, string]>([
  ["no cgroup v2", undefined, "", "missing_kernel_feature"],
  ["a root outside", "/etc", "m", "invalid_argument"],
  ["a root that climbs", "a/../..", "m", "invalid_argument"],
])("refused: %s", (_, root, text, code) => {
  expect(codeOf(() => Cgroups.open(root, text === "" ? "" : mounts))).toBe(code);
});
