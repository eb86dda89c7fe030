import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { executableOf } from "../net/executables";
import type { TracedSocket } from "./traced-packet";

/** What a person says of a socket; a process says all three. */
export interface SocketQuestion {
  readonly pid?: number | undefined;
  /** cgroup v2 path below the mount point. */
  readonly cgroup?: string | undefined;
  readonly uid?: number | undefined;
  /** Path of the file that the socket's creator runs. */
  readonly executable?: string | undefined;
}

/**
 * What the packet path would know of a socket that this process (or one like it) made now. `mount` is the cgroup v2 mount
 * point. Undefined when nothing is asked. Throws SextantError `not_found` for a process, cgroup or file that does not exist.
 */
export function socketOf(question: SocketQuestion, mount: string): TracedSocket | undefined {
  const { pid } = question;
  const path = question.cgroup ?? (pid === undefined ? undefined : cgroupOfProcess(pid));
  const executable = question.executable === undefined ? executableOfProcess(pid) : fileOf(question.executable);
  const uid = question.uid ?? (pid === undefined ? undefined : uidOfProcess(pid));
  if (path === undefined && executable === undefined && uid === undefined) return undefined;
  return {
    cgroups: path === undefined ? [] : cgroupIds(mount, path),
    uid,
    executable,
  };
}

/** The path below the mount point, from the line "0::/path" of /proc/PID/cgroup. */
function cgroupOfProcess(pid: number): string {
  const line = /^0::(.*)$/m.exec(readProc(pid, "cgroup"));
  return line?.[1] ?? "/";
}

/** Sockets belong to the effective user for file access, the fourth number of the line. */
function uidOfProcess(pid: number): number {
  const numbers = /^Uid:\s+(.*)$/m.exec(readProc(pid, "status"))?.[1]?.split(/\s+/).map(Number);
  return numbers?.[3] ?? 0;
}

/** Undefined for a kernel thread, or one whose file nobody may see: no rule of an executable takes its packets then. */
function executableOfProcess(pid: number | undefined): TracedSocket["executable"] {
  const file = pid === undefined ? undefined : executableOf(`/proc/${pid}/exe`);
  return file?.kind === "found" ? file.value : undefined;
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (cause) {
    throw new SextantError("not_found", `--pid ${pid}: no such process`, { cause });
  }
}

/** Kernel ids from the root down to the cgroup. */
function cgroupIds(mount: string, path: string): bigint[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, depth) => {
    const directory = join(mount, ...parts.slice(0, depth));
    const found = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (found?.isDirectory() !== true) throw new SextantError("not_found", `${directory}: no such cgroup`);
    return found.ino;
  });
}

function fileOf(path: string): NonNullable<TracedSocket["executable"]> {
  const file = executableOf(path);
  if (file.kind === "missing") throw new SextantError("not_found", file.message);
  return file.value;
}
