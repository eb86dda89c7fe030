import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { cgroup2Mount, SextantError } from "@sextant/model";
import {
  type CgroupId,
  type CgroupSelector,
  found,
  type Looked,
  type Missing,
  missing,
} from "../reconcile/environment";
import { CgroupTree, type Located } from "./cgroup-tree";

/** The cgroup v2 hierarchy, seen from the directory that intents count from. */
export class Cgroups {
  readonly #tree: CgroupTree;

  /** `base` is below `mount`; intents' paths are below `base`. */
  private constructor(
    readonly mount: string,
    readonly base: string,
  ) {
    this.#tree = new CgroupTree(base);
  }

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

  /** Lets units and containers be searched for again. */
  refresh(nowMs: number): void {
    this.#tree.refresh(nowMs);
  }

  /**
   * The cgroup that all given parts of the selector mean. As a process is in one cgroup and those around it, several parts mean
   * the innermost, when the others are around it.
   */
  find({ cgroup, systemdUnit, container }: CgroupSelector): Looked<CgroupId> {
    const directories: string[] = [];
    for (const located of [
      cgroup === undefined ? undefined : this.#path(cgroup),
      systemdUnit === undefined ? undefined : this.#unit(systemdUnit),
      container === undefined ? undefined : this.#container(container),
    ]) {
      if (located?.kind === "missing") return located;
      if (located !== undefined) directories.push(located.value);
    }
    const innermost = directories.reduce((deepest, path) => (path.length > deepest.length ? path : deepest), "");
    const apart = directories.find((path) => path !== innermost && !innermost.startsWith(`${path}/`));
    if (apart !== undefined) {
      return missing("cgroup_missing", `${innermost} is not inside ${apart}: no process can be in both`);
    }
    return this.#identify(innermost);
  }

  #path(path: string): Looked<string> {
    const gone = missing("cgroup_missing", `cgroup ${path} does not exist below ${this.base} on this host yet`);
    if (isOutside(path)) return gone;
    const directory = join(this.base, path);
    return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? found(directory) : gone;
  }

  #unit(name: string): Looked<string> {
    const gone = missing("unit_missing", `systemd unit ${name} has no cgroup on this host: it does not run`);
    return pathOf(this.#tree.unit(name), gone, `systemd unit ${name}`);
  }

  #container(id: string): Looked<string> {
    const gone = missing("container_missing", `container ${id} has no cgroup on this host: it does not run`);
    return pathOf(this.#tree.container(id), gone, `container ${id}`);
  }

  /** Kernel id (the directory's inode number) and depth. */
  #identify(directory: string): Looked<CgroupId> {
    const stat = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return missing("cgroup_missing", `cgroup ${directory} does not exist any more`);
    const level = relative(this.mount, directory)
      .split("/")
      .filter((part) => part !== "").length;
    return found({ id: stat.ino, level });
  }
}

function pathOf(located: Located, gone: Missing, what: string): Looked<string> {
  switch (located.kind) {
    case "at":
      return found(located.path);
    case "nowhere":
      return gone;
    case "ambiguous":
      return missing("cgroup_ambiguous", `${what} could be any of ${located.paths.join(", ")}: say more of its name`);
  }
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path.split("/").includes("..");
}
