import { existsSync, readdirSync, readFileSync } from "node:fs";

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
