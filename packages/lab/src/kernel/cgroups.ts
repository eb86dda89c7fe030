import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cgroup2Mount, SextantError } from "@sextant/model";
import { poll } from "./poll";
import { endProcesses, identify } from "./processes";

const EMPTYING_MS = 1_000;
const EMPTYING_POLL_MS = 10;

/** False on a machine without cgroup v2: a lab cannot have left anything there. */
export function isCgroup2Mounted(): boolean {
  return mountPoint() !== undefined;
}

/** Directory below which all cgroups of a lab are. Throws SextantError `missing_kernel_feature` without cgroup v2. */
export function labCgroupRoot(lab: string): string {
  const mount = mountPoint();
  if (mount === undefined) {
    throw new SextantError("missing_kernel_feature", "cgroup v2 is not mounted: mount -t cgroup2 none /sys/fs/cgroup");
  }
  return join(mount, "sextant-lab", lab);
}

/** Creates a cgroup and its parents. A path with `..` throws SextantError `invalid_argument`. */
export function ensureCgroup(root: string, path: string): string {
  if (path.split("/").some((part) => part === ".." || part === ".")) {
    throw new SextantError(
      "invalid_argument",
      `cgroup "${path}" must be a path below the node's own, without '.' or '..'`,
    );
  }
  const directory = join(root, path);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Ends what runs in the cgroups below `root` and removes them, deepest first, the root included. */
export async function removeCgroups(root: string): Promise<void> {
  if (!existsSync(root)) return;
  const directories = [root, ...subdirectories(root)];
  const pids = directories.flatMap((directory) => readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n"));
  await endProcesses(pids.flatMap((pid) => (pid === "" ? [] : (identify(Number(pid)) ?? []))));
  for (const directory of directories.reverse()) await removeEmptied(directory);
  removeIfEmpty(dirname(root));
}

function mountPoint(): string | undefined {
  return cgroup2Mount(readFileSync("/proc/mounts", "utf8"));
}

/** The directory that all labs share goes with the last of them. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Another lab is in it.
  }
}

/** A cgroup stays busy for a moment after its last process has ended. */
async function removeEmptied(directory: string): Promise<void> {
  let failure: unknown;
  const remove = () => {
    try {
      rmdirSync(directory);
      return true;
    } catch (thrown) {
      failure = thrown;
      return undefined;
    }
  };
  if ((await poll(remove, EMPTYING_MS, EMPTYING_POLL_MS)) === undefined) throw failure;
}

function subdirectories(directory: string): string[] {
  const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.flatMap((entry) => {
    const path = join(directory, entry.name);
    return [path, ...subdirectories(path)];
  });
}
