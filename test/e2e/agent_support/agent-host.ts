import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cgroup2Mount, type DesiredDomain, type DesiredList, ipv6, ipv6Prefix, type Sid } from "@sextant/model";
import { domain, listOf } from "../../support/desired";
import { Namespaces } from "../../support/namespaces";
import type { LocalStatus } from "../../../packages/agent/src/state/local-status";
import { ScriptedController } from "../../../packages/agent/src/testing/scripted-controller";

const COMMAND = join(__dirname, "../../../sextant");
const CGROUP2 = cgroup2Mount(readFileSync("/proc/mounts", "utf8")) ?? "";

/** Where the far end answers applications. */
export const FAR_ADDRESS = "2001:db8:f::1";
export const FAR_PREFIX = ipv6Prefix("2001:db8:f::/64");
const HOST_ADDRESS = "2001:db8:a::1";

/**
 *     host [up0 2001:db8:a::1] --- [dn0 2001:db8:a::2] router [up1 2001:db8:f::2] --- [dn1 2001:db8:f::1] far
 *     agent, cgroup "app"          End SIDs fcbb:bb00:2:: and fcbb:bb00:3::            kernel only
 *
 * A host with a real agent, a router with kernel SRv6, and a peer.
 */
export class AgentHost {
  readonly instance = `t${process.pid}`;
  readonly host: string;
  readonly router: string;
  readonly far: string;
  readonly cgroup: string;
  #agent: ChildProcess | undefined;

  private constructor(
    readonly namespaces: Namespaces,
    readonly controller: ScriptedController,
    private readonly directory: string,
  ) {
    this.host = namespaces.add("host");
    this.router = namespaces.add("router");
    this.far = namespaces.add("far");
    this.cgroup = join(CGROUP2, `sextant-${this.instance}`, "app");
  }

  /** Builds the two namespaces, their link and a scripted controller; no agent yet. */
  static async create(): Promise<AgentHost> {
    const directory = mkdtempSync(join(tmpdir(), "sextant-agent-"));
    const controller = await ScriptedController.start(`unix:${join(directory, "controller.sock")}`);
    const namespaces = new Namespaces();
    try {
      const world = new AgentHost(namespaces, controller, directory);
      mkdirSync(world.cgroup, { recursive: true });
      world.#wire();
      return world;
    } catch (thrown) {
      namespaces.remove();
      controller.kill();
      throw thrown;
    }
  }

  /** A list through one SID of the router ("2" or "3"), and back to this host. */
  list(node: "2" | "3"): DesiredList {
    const segments = [ipv6(`fcbb:bb00:${node}::`) as Sid];
    return listOf(segments, { probeSegments: segments });
  }

  /** The domain that the host belongs to. */
  domain(): DesiredDomain {
    const sources = [ipv6Prefix("2001:db8::/32")];
    return { ...domain(), sources, nodeSid: ipv6("fcbb:bb00:1::") as Sid, addresses: [ipv6(HOST_ADDRESS)] };
  }

  /** Starts the agent and waits until it says that it is at work. */
  async start(...extra: string[]): Promise<void> {
    const args = ["agent", "run", "--host", "h1", "--controller", this.controller.address, "--log-level", "error"];
    const own = ["--instance", this.instance, "--state-dir", this.directory, "--cgroup-root", join(this.cgroup, "..")];
    const agent = this.namespaces.spawn(this.host, [COMMAND, ...args, ...own, ...extra]);
    if (agent.stdout === null) throw new Error("the agent needs a pipe");
    const [line] = (await Promise.race([
      once(createInterface(agent.stdout), "line"),
      once(agent, "exit"),
    ])) as unknown[];
    if (typeof line !== "string") throw new Error(`the agent ended with ${String(line)}`);
    this.#agent = agent;
  }

  /** Ends the agent by a signal, and waits for its end. Gives its exit code. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const agent = this.#agent;
    if (agent?.exitCode !== null || agent.signalCode !== null) return null;
    const exit = once(agent, "exit");
    agent.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }

  /** `sextant agent status -o json`. */
  status(): LocalStatus {
    return JSON.parse(this.#command("status", "-o", "json")) as LocalStatus;
  }

  /** Packets that a policy has steered. */
  steered(): number {
    return Number(this.status().policies[0]?.packets ?? 0);
  }

  /** Changes the pinned maps behind the agent's back. */
  bpftool(command: string): void {
    execFileSync("sh", ["-ec", `bpftool ${command.replaceAll("PIN", `/sys/fs/bpf/sextant/${this.instance}/maps`)}`]);
  }

  stateFile(): string {
    return join(this.directory, `${this.instance}.state`);
  }

  /** Ends everything and leaves nothing behind, whatever state a failed test left it in. */
  async remove(): Promise<void> {
    try {
      await this.end("SIGKILL");
      this.#command("uninstall");
    } finally {
      this.namespaces.remove();
      this.controller.kill();
      rmSync(this.directory, { recursive: true });
      rmdirSync(this.cgroup);
      rmdirSync(join(this.cgroup, ".."));
    }
  }

  /** Takes the host's uplink away, and its link with it. */
  unplug(): void {
    this.namespaces.run(this.host, "ip link del up0");
  }

  /** Gives the host its uplink, a new interface each time, with routes. */
  plug(): void {
    this.namespaces.run(this.host, `ip link add up0 type veth peer name dn0 netns ${this.router}`);
    this.namespaces.run(this.router, HOST_SIDE_OF_ROUTER);
    this.namespaces.run(this.host, HOST_SETUP);
  }

  #command(name: string, ...extra: string[]): string {
    const args = ["agent", name, "--instance", this.instance, "--state-dir", this.directory, ...extra];
    return this.namespaces.run(this.host, `'${COMMAND}' ${args.join(" ")}`);
  }

  #wire(): void {
    const { namespaces, router, far } = this;
    namespaces.run(router, `ip link add up1 type veth peer name dn1 netns ${far}`);
    namespaces.run(router, FAR_SIDE_OF_ROUTER);
    namespaces.run(far, FAR_SETUP);
    this.plug();
  }
}

const HOST_SETUP = `
  sysctl -qw net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.up0.seg6_enabled=1
  ip addr add ${HOST_ADDRESS}/64 dev up0 nodad
  ip link set up0 up
  ip -6 route add ${FAR_PREFIX} via 2001:db8:a::2
  ip -6 route add fcbb:bb00::/32 via 2001:db8:a::2
`;

const HOST_SIDE_OF_ROUTER = `
  sysctl -qw net.ipv6.conf.dn0.seg6_enabled=1
  ip addr add 2001:db8:a::2/64 dev dn0 nodad
  ip link set dn0 up
  ip -6 route add fcbb:bb00:2::/48 encap seg6local action End dev dn0
  ip -6 route add fcbb:bb00:3::/48 encap seg6local action End dev dn0
`;

const FAR_SIDE_OF_ROUTER = `
  sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.up1.seg6_enabled=1
  ip addr add 2001:db8:f::2/64 dev up1 nodad
  ip link set up1 up
`;

const FAR_SETUP = `
  sysctl -qw net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.dn1.seg6_enabled=1
  ip addr add ${FAR_ADDRESS}/64 dev dn1 nodad
  ip link set dn1 up
  ip -6 route add default via 2001:db8:f::2
`;
