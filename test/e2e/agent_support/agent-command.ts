import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import type { AgentHost } from "./agent-host";

const COMMAND = join(__dirname, "../../../sextant");

/** What a command said and how it ended. */
export interface Answer<T> {
  readonly status: number | null;
  /** Of `-o json`; undefined when it printed none. */
  readonly json: T | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** `sextant agent NAME` about the instance of a world, on its host. */
export function agentCommand<T>(world: AgentHost, name: string, ...extra: readonly string[]): Answer<T> {
  const own = ["--instance", world.instance, "--state-dir", dirname(world.stateFile())];
  const args = [`--net=/var/run/netns/${world.host}`, COMMAND, "agent", name, ...own, ...extra];
  const { status, stdout, stderr } = spawnSync("nsenter", args, { encoding: "utf8" });
  const wantsJson = extra.includes("json") && stdout !== "";
  return { status, json: wantsJson ? (JSON.parse(stdout) as T) : undefined, stdout, stderr };
}
