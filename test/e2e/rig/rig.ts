import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Lab } from "@sextant/lab";
import { OperatorClient } from "../../../packages/cli/src/edge/operator-client";
import type { Resource } from "../../../packages/cli/src/resource";
import { hostStatusOf, type HostStatus, type IntentStatus, intentStatusOf } from "../../../packages/cli/src/status";
import type { LocalCounters } from "../../../packages/agent/src/state/local-counters";
import type { LocalStatus } from "../../../packages/agent/src/state/local-status";
import { eventually } from "../../support/eventually";
import { upLab } from "../lab_support/own-labs";

const ROOT = join(__dirname, "..", "..", "..");
const SEXTANT = [process.execPath, join(ROOT, "packages", "cli", "dist", "main.js")] as const;
const COMMAND_TIMEOUT_MS = 60_000;
/** Installed, probed and reported; generous for a machine with better things to do. */
const LIVE_BOUND_MS = 20_000;

/** What a command said. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RigOptions {
  /** Directory below examples/, or a topology file. */
  readonly topology: string;
  /** What runs at the start: controller and every agent by default. */
  readonly daemons?: "all" | "controller" | "none";
  readonly igpDelayMs?: number;
  /** Of the controller's command line whenever it is started: the host settings that it gives, for example. */
  readonly controllerFlags?: readonly string[];
  /** Tells apart labs that one test has at the same time. */
  readonly label?: string;
  /** Without the topology's delays: paths are computed with them, packets do not wait for them. */
  readonly undelayed?: boolean;
  /** Controller and agents serve /metrics; see `scrape`. */
  readonly metrics?: boolean;
  /** File that lists keys for segment lists: agents sign, routers accept nothing else. */
  readonly signingKeys?: string;
}

/** An intent with its status, as a controller gives it. */
export type ObservedIntent = IntentStatus & { readonly generation: number };

/** A lab with the product running in it: what an operator has, and the operator's command. */
export class Rig implements AsyncDisposable {
  #client: OperatorClient | undefined;

  private constructor(
    readonly lab: Lab,
    private readonly controllerFlags: readonly string[],
    private readonly agentFlags: (host: string) => readonly string[],
  ) {}

  static async up({ topology, daemons = "all", igpDelayMs, label = "0", ...rest }: RigOptions): Promise<Rig> {
    const topologyFile = topology.includes("/") ? topology : example(topology, "topology.yaml");
    const lab = await upLab(topologyFile, label, {
      sextantCommand: SEXTANT,
      emulate: { delay: rest.undelayed !== true },
      signingKeys: rest.signingKeys,
      ...(igpDelayMs === undefined ? {} : { igpDelayMs }),
    });
    const metricsFlags = (host?: string) => (rest.metrics === true ? ["--metrics", lab.metricsAddress(host)] : []);
    const rig = new Rig(lab, [...(rest.controllerFlags ?? []), ...metricsFlags()], metricsFlags);
    try {
      if (daemons !== "none") await rig.#startDaemons(topologyFile, daemons === "all" ? lab.hosts : []);
      return rig;
    } catch (thrown) {
      await rig.down();
      throw thrown;
    }
  }

  /** The agents start while the controller does, which is what they are built for, and find the topology declared. */
  async #startDaemons(topologyFile: string, hosts: Lab["hosts"]): Promise<void> {
    const controller = this.startController().then(() => this.applyFile(topologyFile));
    await Promise.all([controller, ...hosts.map(({ name }) => this.lab.startAgent(name, this.agentFlags(name)))]);
  }

  /** Starts the controller as it was started before. */
  startController(): Promise<void> {
    return this.lab.startController(this.controllerFlags);
  }

  async down(): Promise<void> {
    this.#client?.close();
    await this.lab.down();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  /** The metrics of a host's agent, or (without `host`) of the controller, as a scraper on the management network gets them. */
  async scrape(host?: string): Promise<string> {
    const script = "fetch(process.argv[1]).then(async (answer) => process.stdout.write(await answer.text()))";
    const argv = [process.execPath, "-e", script, `http://${this.lab.metricsAddress(host)}/metrics`];
    const scraper = host ?? this.lab.hosts[0]?.name ?? "";
    return said(await this.lab.exec(scraper, argv));
  }

  /** Runs the operator's command against this controller, to its end. */
  sextant(args: readonly string[], input = ""): Promise<CommandResult> {
    return command(this.commandLine(args), input);
  }

  /** Program and arguments of the operator's command against this controller. */
  commandLine(args: readonly string[]): string[] {
    return [...SEXTANT, ...args, "--server", this.server];
  }

  /** `--server` of the operator's command. */
  get server(): string {
    return `unix:${this.lab.controllerSocket}`;
  }

  /** Applies documents (YAML) with the operator's command; throws with its complaints when it refuses. */
  async apply(yaml: string): Promise<string> {
    return said(await this.sextant(["apply", "-f", "-"], yaml));
  }

  /** Applies a file or directory. */
  async applyFile(path: string): Promise<string> {
    return said(await this.sextant(["apply", "-f", path]));
  }

  /** `get KIND NAMES... -o json`, parsed. */
  async get<T>(kind: string, ...names: string[]): Promise<T> {
    return JSON.parse(said(await this.sextant(["get", kind, ...names, "-o", "json"]))) as T;
  }

  /** `describe KIND NAME`. */
  async describe(kind: string, name: string): Promise<string> {
    return said(await this.sextant(["describe", kind, name]));
  }

  /** Asks the controller as the command does, but over one connection: cheap enough to poll. */
  async observe(kind: string, name: string): Promise<Resource> {
    const [resource] = await this.observeAll(kind, name);
    if (resource === undefined) throw new Error(`there is no ${kind} ${name}`);
    return resource;
  }

  /** As `observe`, all of a kind when no name is given. */
  observeAll(kind: string, ...names: string[]): Promise<Resource[]> {
    this.#client ??= new OperatorClient({ server: this.server, timeout: 10 });
    return this.#client.get(kind, names);
  }

  async intent(name: string): Promise<ObservedIntent> {
    const resource = await this.observe("Intent", name);
    return { ...intentStatusOf(resource), generation: resource.generation };
  }

  async host(name: string): Promise<HostStatus> {
    return hostStatusOf(await this.observe("Host", name));
  }

  /** Waits until each intent's newest generation is installed and every segment list of its policies returns probes. */
  async live(...intents: string[]): Promise<void> {
    for (const name of intents)
      await eventually(`${name} is live on all its paths`, () => this.#isLive(name), LIVE_BOUND_MS);
  }

  async #isLive(name: string): Promise<boolean> {
    const { conditions, policies, generation } = await this.intent(name);
    const lists = policies.flatMap(({ candidates }) => candidates.flatMap(({ segmentLists }) => segmentLists));
    const bad = conditions.filter(
      ({ status, observedGeneration }) => status !== "True" || observedGeneration !== generation,
    );
    const silent = lists.filter(({ state }) => state !== "alive");
    if (bad.length + silent.length === 0 && lists.length > 0) return true;
    throw new Error(JSON.stringify({ bad, silent }));
  }

  /** Segments of the candidates of an intent's only policy, in falling preference: joined by spaces, as captures show them. */
  async segments(name: string): Promise<string[]> {
    const { policies } = await this.intent(name);
    const [policy] = policies;
    if (policy === undefined || policies.length > 1) throw new Error(`${name} has ${policies.length} policies`);
    return policy.candidates.flatMap(({ segmentLists }) => segmentLists.map(({ segments }) => segments.join(" ")));
  }

  /** Makes cgroups of applications exist before the first process enters them. */
  async makeCgroups(host: string, ...cgroups: string[]): Promise<void> {
    for (const cgroup of cgroups) await this.lab.exec(host, ["true"], { cgroup });
  }

  /** `sextant agent status` on a host: what its kernel and disk hold, whoever runs. */
  async agentStatus(host: string): Promise<LocalStatus> {
    return JSON.parse(await this.#agentCommand(host, "status", "-o", "json")) as LocalStatus;
  }

  /** `sextant agent counters` on a host. */
  async agentCounters(host: string): Promise<LocalCounters> {
    return JSON.parse(await this.#agentCommand(host, "counters", "-o", "json")) as LocalCounters;
  }

  /** `sextant agent paths` on a host, as people read it. */
  agentPaths(host: string): Promise<string> {
    return this.#agentCommand(host, "paths");
  }

  async #agentCommand(host: string, ...args: string[]): Promise<string> {
    const where = [
      "--instance",
      this.lab.agentInstance(host),
      "--state-dir",
      this.lab.daemonDirectory({ agent: host }),
    ];
    return said(await this.lab.exec(host, [...SEXTANT, "agent", ...args, ...where]));
  }

  /** Packets that a host's only policy, or its first one, has steered, by the kernel's own count. */
  async steered(host: string): Promise<number> {
    return Number((await this.agentStatus(host)).policies[0]?.packets);
  }

  /** Path of a pinned map of a host's agent. */
  pin(host: string, map: string): string {
    return join(this.pins(host), "maps", map);
  }

  /** Directory of everything that a host's agent has pinned. */
  pins(host: string): string {
    return join("/sys/fs/bpf/sextant", this.lab.agentInstance(host));
  }
}

/** A file of an example. */
export function example(name: string, file: string): string {
  return join(ROOT, "examples", name, file);
}

/** Runs a program to its end. */
export function command([program = "", ...args]: readonly string[], input = ""): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 << 20 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
    // Nobody has to read what is not said.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

/** Standard output of a command that succeeded; throws with what it said otherwise. */
export function said({ status, stdout, stderr }: CommandResult): string {
  if (status === 0) return stdout;
  throw new Error(`status ${status}: ${stderr}${stdout}`);
}
