import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

const DIRECTORY = "/run/netns";

/**
 * Network namespaces of one test, named after the process so that tests side by side do not clash. What a crashed run left is
 * removed by the next one.
 */
export class Namespaces {
  readonly #names = new Set<string>();
  readonly #processes = new Set<ChildProcess>();

  constructor() {
    for (const name of leftovers()) {
      const pids = execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n").filter(Boolean);
      for (const pid of pids) process.kill(Number(pid), "SIGKILL");
      execFileSync("ip", ["netns", "del", name]);
    }
  }

  /** Creates a namespace with loopback up, its addresses usable at once; gives its name. */
  add(label: string): string {
    const name = `sxt-t${process.pid}-${label}`;
    execFileSync("ip", ["netns", "add", name]);
    this.#names.add(name);
    this.run(name, "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0; ip link set lo up");
    return name;
  }

  /** Runs a shell command inside, with the host's own mounts; gives its output. Throws when it fails. */
  run(name: string, command: string): string {
    return execFileSync("nsenter", [`--net=/var/run/netns/${name}`, "sh", "-ec", command], { encoding: "utf8" });
  }

  /** Starts a program inside; ended by `remove` at the latest. */
  spawn(name: string, command: readonly string[], options: { stderr?: "inherit" | "pipe" } = {}): ChildProcess {
    const child = spawn("nsenter", [`--net=/var/run/netns/${name}`, ...command], {
      stdio: ["pipe", "pipe", options.stderr ?? "inherit"],
    });
    this.#processes.add(child);
    child.once("exit", () => this.#processes.delete(child));
    return child;
  }

  /** Ends what runs inside and removes all namespaces. */
  remove(): void {
    for (const child of this.#processes) child.kill("SIGKILL");
    for (const name of this.#names) execFileSync("ip", ["netns", "del", name]);
    this.#names.clear();
  }
}

/** Namespaces of test processes that are gone. */
function leftovers(): string[] {
  const names = existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [];
  return names.filter((name) => {
    const pid = /^sxt-t(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}
