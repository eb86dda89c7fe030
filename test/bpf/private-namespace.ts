import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { libc } from "../../packages/agent/src/bpf/ffi";

const CLONE_NEWNET = 0x40000000;

/**
 * Moves this thread, and the commands it starts, into a network namespace of its own, with loopback up and forwarding on.
 * The returned function moves it back; the namespace then ends with its last user.
 */
export function enterPrivateNamespace(): () => void {
  const before = openSync("/proc/thread-self/ns/net", "r");
  if (libc().unshare(CLONE_NEWNET) !== 0) throw new Error("unshare failed: the kernel tests need root");
  ip("link set lo up");
  execFileSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1"]);
  return () => {
    libc().setns(before, CLONE_NEWNET);
    closeSync(before);
  };
}

/** Runs one `ip` command, words separated by blanks, and gives its output. */
export function ip(command: string): string {
  return execFileSync("ip", command.split(" "), { encoding: "utf8" });
}

/** Index of an interface of the current namespace. */
export function ifindexOf(name: string): number {
  const [link] = JSON.parse(ip(`-json link show ${name}`)) as { ifindex: number }[];
  if (link === undefined) throw new Error(`no interface ${name}`);
  return link.ifindex;
}
