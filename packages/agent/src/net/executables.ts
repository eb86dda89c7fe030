import { type BigIntStats, closeSync, openSync, readFileSync, statSync } from "node:fs";
import { type ExecutableId, found, type Looked, missing } from "../reconcile/environment";

/** open(2): names the file without opening it. */
const O_PATH = 0o10_000_000;
const PROCESS_PATH = /^\/proc\/(\d+)\//;

/** Identity of the file at a path, links followed, as the kernel keeps it for the processes that run it. */
export function executableOf(path: string): Looked<ExecutableId> {
  const stat = statOf(path);
  if (stat === undefined) return missing("executable_missing", `${path} does not exist on this host`);
  if (!stat.isFile()) return missing("executable_missing", `${path} is no file`);
  const device = isAnonymous(stat.dev) ? mountedDevice(path) : undefined;
  return found({ device: device ?? kernelDevice(stat.dev), inode: stat.ino });
}

/** True for the device of a file system that is not on one: major number 0. */
function isAnonymous(dev: bigint): boolean {
  return kernelDevice(dev) >> 20 === 0;
}

/**
 * Device of the file system that a path is on. stat(2) gives another one where an overlay has layers on several file systems,
 * and for subvolumes of btrfs; the kernel keeps the one that mounts are listed with. Undefined when the mount is not listed.
 */
function mountedDevice(path: string): number | undefined {
  try {
    const mount = /^mnt_id:\s*(\d+)$/m.exec(descriptionOf(path))?.[1];
    // A process may have mounts of its own, with its program on one of them.
    const processes = new Set(["self", PROCESS_PATH.exec(path)?.[1] ?? "self"]);
    const lines = [...processes].flatMap((pid) => readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n"));
    const [, , device = ""] = lines.find((line) => line.startsWith(`${mount} `))?.split(" ") ?? [];
    const [major, minor] = device.split(":").map(Number);
    return major === undefined || minor === undefined ? undefined : (major << 20) | minor;
  } catch {
    return undefined;
  }
}

/** What the kernel says of an open file: /proc/self/fdinfo. */
function descriptionOf(path: string): string {
  const fd = openSync(path, O_PATH);
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
  } finally {
    closeSync(fd);
  }
}

/** A directory on the way that is not there, or is none, is the same as a missing file. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** From the encoding of stat(2) (makedev(3)) to the kernel's own: major << 20 | minor. */
export function kernelDevice(dev: bigint): number {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xffff_f000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffff_ff00n);
  return Number(((major & 0xfffn) << 20n) | (minor & 0xf_ffffn));
}
