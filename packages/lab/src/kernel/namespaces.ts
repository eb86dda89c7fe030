import { existsSync, readdirSync } from "node:fs";
import { command, ipBatch, ipBatchForce } from "./command";

/** Creates namespaces; nothing runs in them. */
export async function createNamespaces(names: readonly string[]): Promise<void> {
  await ipBatch(
    undefined,
    names.map((name) => `netns add ${name}`),
  );
}

/** Removes namespaces, those that exist. Their interfaces, routes and rules go with them. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  const present = names.filter(namespaceExists);
  await ipBatchForce(
    undefined,
    present.map((name) => `netns del ${name}`),
  );
}

function namespaceExists(name: string): boolean {
  return existsSync(`/run/netns/${name}`);
}

/** Namespaces of a lab by their names, whatever its topology says: those of a crashed run are found too. */
export function namespacesOfLab(lab: string): string[] {
  if (!existsSync("/run/netns")) return [];
  const own = [`sx-${lab}-mgmt`, `sx-${lab}-wires`];
  return readdirSync("/run/netns").filter((name) => name.startsWith(`sx-${lab}.`) || own.includes(name));
}

/** The program and arguments that run a command inside a namespace; unlike `ip netns exec` it leaves the mounts alone. */
export function inNamespace(namespace: string, args: readonly string[]): [string, ...string[]] {
  return ["nsenter", `--net=/run/netns/${namespace}`, "--", ...args];
}

/** Sets `path=value` below /proc/sys, in one process. */
export async function setSysctls(namespace: string, settings: readonly string[]): Promise<void> {
  const script = 'set -e; while IFS== read -r path value; do printf \'%s\' "$value" > "/proc/sys/$path"; done';
  const [program, ...args] = inNamespace(namespace, ["sh", "-c", script]);
  await command(program, args, { input: `${settings.join("\n")}\n` });
}
