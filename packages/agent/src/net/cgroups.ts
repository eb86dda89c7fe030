import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { cgroup2Mount, SextantError } from "@sextant/model";
import type { CgroupId } from "../reconcile/compile-destinations";

/** The cgroup v2 hierarchy, seen from the directory that intents count from. */
export class Cgroups {
  /** `base` is below `mount`; intents' paths are below `base`. */
  private constructor(
    readonly mount: string,
    readonly base: string,
  ) {}

  /**
   * `root` is a path below the mount point, or an absolute one inside it; the mount point itself when undefined. Throws
   * SextantError `missing_kernel_feature` without cgroup v2, `invalid_argument` when the root lies outside.
   */
  static open(root: string | undefined, mounts: string = readFileSync("/proc/mounts", "utf8")): Cgroups {
    const mount = cgroup2Mount(mounts);
    if (mount === undefined) {
      throw new SextantError(
        "missing_kernel_feature",
        "cgroup v2 is not mounted: mount -t cgroup2 none /sys/fs/cgroup",
      );
    }
    const inside = root === undefined ? "" : isAbsolute(root) ? relative(mount, root) : root;
    if (isOutside(inside)) {
      throw new SextantError("invalid_argument", `--cgroup-root ${root ?? ""} is not below ${mount}`);
    }
    return new Cgroups(mount, join(mount, inside));
  }

  /**
   * Kernel id (the directory's inode number) and depth of an intent's cgroup; undefined while it does not exist, and for a
   * path that leads out of the root.
   */
  find(path: string): CgroupId | undefined {
    if (isOutside(path)) return undefined;
    const directory = join(this.base, path);
    const stat = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stat?.isDirectory() !== true) return undefined;
    const level = relative(this.mount, directory)
      .split("/")
      .filter((part) => part !== "").length;
    return { id: stat.ino, level };
  }
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path.split("/").includes("..");
}
