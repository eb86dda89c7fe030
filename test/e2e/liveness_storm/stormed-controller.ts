import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { outcome, spawnTypescript, type TypescriptChild } from "../../../packages/controller/src/testing/child";
import { OperatorClient } from "../../../packages/controller/src/testing/operator-client";
import { SimulatedAgent } from "../../bench/localise/simulated-agent";
import { hostName, SIDES, type Side, topologyYaml } from "../../bench/localise/simulated-network";
import { eventually } from "../../support/eventually";

const SIZE = { agents: 200, reporting: 200, coreLinks: 4 };
/** Each host reaches so many on the other side, over two lists each. */
const PEERS = 4;
const LISTS_PER_AGENT = 2 * PEERS;
export const PATHS = SIZE.agents * LISTS_PER_AGENT;
/** The controller ends with an error when what it keeps does not fit: about three times what it needs at rest. */
const HEAP_LIMIT_MB = 192;
const END_BOUND_MS = 5_000;

/** A controller in a process of its own with a heap that is bounded, hundreds of agents with a stream each, and an operator. */
export class StormedController {
  private constructor(
    private readonly directory: string,
    private readonly child: TypescriptChild,
    readonly agents: readonly SimulatedAgent[],
    readonly operator: OperatorClient,
    private readonly clients: readonly Client[],
  ) {}

  /** Resolves when every agent has its lists. */
  static async start(): Promise<StormedController> {
    const directory = await mkdtemp(join(tmpdir(), "sextant-storm-"));
    const target = `unix:${join(directory, "socket")}`;
    const child = spawnController(directory, target);
    const operator = new OperatorClient(target);
    // Half of the streams share a connection.
    const clients = SIDES.map(() => new Client(target, credentials.createInsecure(), OWN_CONNECTION));
    const agents: SimulatedAgent[] = [];
    const stormed = new StormedController(directory, child, agents, operator, clients);
    try {
      await eventually("the controller serves", () => operator.get("Topology").then(() => true), 30_000);
      // Agents of hosts that are not in force yet would be turned away.
      await operator.apply([topologyYaml(SIZE)]);
      await operator.apply([SIDES.flatMap(intentsOf).join("---\n")]);
      SIDES.forEach((side, s) => {
        for (let i = 0; i < SIZE.agents / 2; i++) {
          agents.push(new SimulatedAgent(clients[s] as Client, hostName(side, i), { broken: new Set() }));
        }
      });
      const isReady = () => agents.every(({ found }) => found.size === LISTS_PER_AGENT);
      await eventually("all agents have their lists", isReady, 60_000);
    } catch (error) {
      await stormed.stop();
      throw error;
    }
    return stormed;
  }

  /** Resident memory of the controller's process, in megabytes. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.child.pid ?? 0}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    this.operator.close();
    for (const agent of this.agents) agent.close();
    for (const client of this.clients) client.close();
    const ended = outcome(this.child);
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), END_BOUND_MS);
    await ended;
    clearTimeout(late);
    await rm(this.directory, { recursive: true, force: true });
  }
}

const OWN_CONNECTION = { "grpc.use_local_subchannel_pool": 1 };

function spawnController(directory: string, target: string): TypescriptChild {
  const dataDir = join(directory, "data");
  const options = { dataDir, listen: [target], logLevel: "error", reportIntervalMs: 60_000 };
  const script = `use("main").runController(${JSON.stringify(options)}).then((running) => {
    process.once("SIGTERM", () => running.close().then(() => process.exit(0)));
  });`;
  const child = spawnTypescript(script, [`NODE_OPTIONS=--max-old-space-size=${HEAP_LIMIT_MB}`]);
  child.stderr.pipe(process.stderr, { end: false });
  return child;
}

function intentsOf(side: Side): string[] {
  const other = side === "left" ? "right" : "left";
  const half = SIZE.agents / 2;
  return Array.from({ length: half * PEERS }, (_, n) => {
    const i = n % half;
    return intentYaml(`${side}-${n}`, hostName(side, i), hostName(other, (i + Math.floor(n / half)) % half));
  });
}

/** An intent with a backup from one host to another. */
export function intentYaml(name: string, from: string, to: string): string {
  return `apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: ${name}}
spec:
  from: {hosts: [${from}]}
  to: {hosts: [${to}]}
  objective: {minimize: delay}
  protection: {backups: 1, disjoint: link}
`;
}
