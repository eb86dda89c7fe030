import { type BigIntStats, statSync } from "node:fs";
import { type ExecutableId, found, type Looked, missing } from "../reconcile/environment";

/** Identity of the file at a path, links followed, as the kernel keeps it for the processes that run it. */
export function executableOf(path: string): Looked<ExecutableId> {
  const stat = statOf(path);
  if (stat === undefined) return missing("executable_missing", `${path} does not exist on this host`);
  if (!stat.isFile()) return missing("executable_missing", `${path} is no file`);
  return found({ device: kernelDevice(stat.dev), inode: stat.ino });
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
