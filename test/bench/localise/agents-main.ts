// A process full of simulated agents of one side. Told by its parent what breaks, it says how long each agent went on to use it.
import { Client, credentials } from "@grpc/grpc-js";
import { directedLinkKey } from "../../../packages/model/src";
import { SimulatedAgent, type Wiring } from "./simulated-agent";
import { hostName, isReporting, type Side, type SimulationSize } from "./simulated-network";

const STREAMS_PER_CONNECTION = 100;
/** Agents that dial at a time. */
const DIALLED_AT_ONCE = 200;
const REPORT_INTERVAL_MS = 10_000;

export interface AgentsTask {
  readonly server: string;
  readonly side: Side;
  readonly size: SimulationSize;
}

/** From the parent. Times are of the machine's monotonic clock, in nanoseconds. */
export type ToAgents = { readonly kind: "break"; readonly link: string; readonly from: string; readonly atNs: string };
export type FromAgents =
  | { readonly kind: "progress"; readonly ready: number }
  | { readonly kind: "ready" }
  /** When each agent left the broken link, in milliseconds since it broke. */
  | { readonly kind: "moved"; readonly afterMs: readonly number[] }
  /** Nothing has come for a while. */
  | { readonly kind: "quiet" };

const QUIET_MS = 2_500;
const GIVE_UP_MS = 60_000;
const wiring: Wiring = { broken: new Set() };

function tell(message: FromAgents): void {
  process.send?.(message);
}

async function main({ server, side, size }: AgentsTask): Promise<void> {
  const agents: SimulatedAgent[] = [];
  let client: Client | undefined;
  for (let i = 0; i < size.agents / 2; i++) {
    if (i % STREAMS_PER_CONNECTION === 0) {
      client = new Client(server, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
    }
    agents.push(new SimulatedAgent(client as Client, hostName(side, i), wiring));
    if (i % DIALLED_AT_ONCE === DIALLED_AT_ONCE - 1) await until(() => agents.every(({ isReady }) => isReady));
    if (i % 1_000 === 999) tell({ kind: "progress", ready: i + 1 });
  }
  await until(() => agents.every(({ isReady }) => isReady));
  reportRegularly(agents);
  for (const agent of agents) agent.report();
  await quiet(agents);
  tell({ kind: "ready" });
  process.on("message", (message: ToAgents) => void trial(agents, message, size));
}

/** Reports are spread over the interval, as those of hosts that started at different times are. */
function reportRegularly(agents: readonly SimulatedAgent[]): void {
  const slices = 100;
  let slice = 0;
  setInterval(() => {
    for (let i = slice; i < agents.length; i += slices) agents[i]?.report();
    slice = (slice + 1) % slices;
  }, REPORT_INTERVAL_MS / slices);
}

async function trial(
  agents: readonly SimulatedAgent[],
  { link, from, atNs }: ToAgents,
  size: SimulationSize,
): Promise<void> {
  wiring.broken.add(directedLinkKey(link, from));
  const afterMs: number[] = [];
  let left = agents.length;
  const late = setTimeout(() => {
    const names = agents.filter(({ isOnBrokenLink }) => isOnBrokenLink).map((agent) => agent.toString());
    throw new Error(`${names.length} agents are still on ${link}: ${names.slice(0, 5).join("; ")}`);
  }, GIVE_UP_MS);
  await new Promise<void>((resolve) => {
    for (const agent of agents) {
      const look = () => {
        if (agent.isOnBrokenLink) return;
        agent.onChange = () => undefined;
        afterMs.push(Number(process.hrtime.bigint() - BigInt(atNs)) / 1e6);
        if (--left === 0) resolve();
      };
      agent.onChange = look;
      look();
    }
    agents.forEach((agent, i) => {
      if (isReporting(i, size)) agent.notice();
    });
  });
  clearTimeout(late);
  tell({ kind: "moved", afterMs });
  await quiet(agents);
  // Desired state leads around it by now; what the hosts have of it is reported, as their transitions would be.
  for (const agent of agents) agent.notice();
  await quiet(agents);
  tell({ kind: "quiet" });
}

/** Resolves when no delta has come for a while. */
async function quiet(agents: readonly SimulatedAgent[]): Promise<void> {
  const count = () => agents.reduce((sum, { deltas }) => sum + deltas, 0);
  for (let before = -1; before !== count(); ) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

process.once("message", (task: AgentsTask) => void main(task));
