import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { join } from "node:path";
import { SextantError } from "@sextant/model";
import { ensureCgroup } from "./kernel/cgroups";
import { tryCommand } from "./kernel/command";
import { inNamespace } from "./kernel/namespaces";
import type { LabNode } from "./plan";
import type { LabState } from "./state/lab-state";

const DEFAULT_TIMEOUT_MS = 60_000;

/** Where a command runs: whose cgroups it may enter, and the network that it sees. */
export type Place = Pick<LabNode, "node" | "namespace">;

export interface ExecOptions {
  /** cgroup below the host's own; created when missing, removed with the lab. Hosts only. */
  readonly cgroup?: string | undefined;
  readonly input?: string | undefined;
  /** Killed after this long; default 60,000. */
  readonly timeoutMs?: number | undefined;
}

export interface ExecResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Enters a cgroup, then becomes the command: sockets belong to the cgroup they are created in. */
const ENTER_CGROUP = 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"';

/** Program and arguments that run `argv` in a node's namespace and, on a host, in its cgroup. */
function nodeCommand(
  state: LabState,
  { node, namespace }: Place,
  argv: readonly string[],
  cgroup?: string,
): [string, ...string[]] {
  if (argv.length === 0) throw new SextantError("invalid_argument", "no command given");
  const entering = inNamespace(namespace, argv);
  if (node.kind === "router") {
    if (cgroup === undefined) return entering;
    throw new SextantError("invalid_argument", `${node.name} is a router: only hosts run applications in cgroups`);
  }
  const directory = ensureCgroup(join(state.cgroupRoot, node.name), cgroup ?? "");
  return ["sh", "-c", ENTER_CGROUP, "sh", directory, ...entering];
}

/** Runs a command to its end. */
export function execInNode(
  state: LabState,
  node: Place,
  argv: readonly string[],
  { cgroup, input, timeoutMs = DEFAULT_TIMEOUT_MS }: ExecOptions,
): Promise<ExecResult> {
  const [program, ...args] = nodeCommand(state, node, argv, cgroup);
  return tryCommand(program, args, { timeoutMs, ...(input === undefined ? {} : { input }) });
}

/** Starts a command; its standard streams are pipes unless told otherwise. */
export function spawnInNode(
  state: LabState,
  node: Place,
  argv: readonly string[],
  { cgroup, stdio }: ExecOptions & { stdio?: StdioOptions },
): ChildProcess {
  const [program, ...args] = nodeCommand(state, node, argv, cgroup);
  return spawn(program, args, { stdio: stdio ?? "pipe" });
}
