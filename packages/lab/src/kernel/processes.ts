import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { poll } from "./poll";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: field 22 of /proc/<pid>/stat. */
  readonly startTicks: number;
}

const POLL_MS = 10;

/** Identity of a running process; undefined when there is none (a zombie has ended). */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name may hold anything, also spaces and brackets: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : { pid, startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** True while this very process runs. */
export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTicks === process.startTicks;
}

/** Sends a signal if this very process still runs; says whether it did. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Ends processes: SIGTERM, and SIGKILL for those that are still there after `graceMs`. Returns when all are gone. */
export async function endProcesses(targets: readonly ProcessIdentity[], graceMs = 3_000): Promise<void> {
  for (const target of targets) signalProcess(target, "SIGTERM");
  if (await allGone(targets, graceMs)) return;
  for (const target of targets) signalProcess(target, "SIGKILL");
  await allGone(targets, graceMs);
}

/** Processes inside any of the network namespaces, this one never included. */
export function processesInNamespaces(namespaces: readonly string[]): ProcessIdentity[] {
  const inodes = new Set(namespaces.flatMap((name) => namespaceInode(`/run/netns/${name}`) ?? []));
  if (inodes.size === 0) return [];
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  return pids.flatMap((pid) => {
    try {
      const inode = /^net:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1];
      return inode !== undefined && inodes.has(inode) ? (identify(Number(pid)) ?? []) : [];
    } catch {
      return [];
    }
  });
}

function namespaceInode(path: string): string | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString();
}

async function allGone(targets: readonly ProcessIdentity[], boundMs: number): Promise<boolean> {
  return (await poll(() => (targets.some(isAlive) ? undefined : true), boundMs, POLL_MS)) === true;
}
