import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Lab } from "@sextant/lab";

/** Options of `Lab.up` that the tests vary. */
type UpOptions = Parameters<typeof Lab.up>[0];

/** A lab of a test's own: its name says which test, and the process keeps runs apart. */
export function labNameFor(what: string): string {
  return `${what}-${process.pid}`;
}

/** Brings up the topology file with a name of its own. */
export function upLab(topologyFile: string, what: string, options: Partial<UpOptions> = {}): Promise<Lab> {
  return Lab.up({ topologyFile, name: labNameFor(what), ...options });
}

/** Everything on the machine that carries a lab's name: empty when nothing of it is left. */
export function tracesOf(lab: string): string[] {
  const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
  const cgroups = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.split(" ")[2] === "cgroup2")
    .map((line) => `${line.split(" ")[1] ?? ""}/sextant-lab`);
  const words = new RegExp(`(labs/${lab}/| ${lab} |sx-${lab}\\.|sx-${lab}-(mgmt|wires)(?![-.\\w]))`);
  const processes = list("/proc").filter((pid) => /^\d+$/.test(pid) && words.test(commandLine(pid)));
  return [
    ...list("/run/netns").filter((name) => name.startsWith(`sx-${lab}.`)),
    ...list("/run/netns").filter((name) => name === `sx-${lab}-mgmt` || name === `sx-${lab}-wires`),
    ...list("/run/sextant/labs").filter((name) => name === lab),
    ...list("/sys/fs/bpf/sextant").filter((name) => name.startsWith(`${lab}_`)),
    ...cgroups.flatMap(list).filter((name) => name === lab),
    ...processes.map((pid) => `process ${pid}: ${commandLine(pid)}`),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
