import pino from "pino";
import { usedLists } from "../bandwidth/used-lists";
import { edgesAlong } from "../compute/path-edges";
import { type Catalog, EMPTY_CATALOG, loadCatalog } from "../pipeline/catalog";
import type { PlannedPolicy } from "../pipeline/plan";
import { Host, type SessionPort } from "../runtime/host";
import { Plans } from "../runtime/plans";
import { Pushes } from "../runtime/pushes";
import type { DesiredDelta, HeldEntry } from "../runtime/session-state";
import type { DirectedLink } from "../topology/directed-link";

const NOTHING_UNUSABLE: readonly DirectedLink[] = [];

/** An agent that holds what it is sent as soon as it comes, and says so when it is told to. */
class HoldingAgent {
  readonly holds = new Map<string, { readonly revision: string }>();
  /** What it had instead, until it has answered. */
  before = new Map(this.holds);
  unanswered: DesiredDelta | undefined;
  port: SessionPort | undefined;

  take(delta: DesiredDelta): void {
    this.before = new Map(this.holds);
    this.unanswered = delta;
    if (delta.full) this.holds.clear();
    for (const { revision, entry } of delta.upserts) this.holds.set(entry.key, { revision });
    for (const key of delta.removals) this.holds.delete(key);
  }

  held(): Map<string, HeldEntry> {
    const answer = { status: "installed", reason: "", message: "" } as const;
    return new Map([...this.holds].map(([key, { revision }]) => [key, { revision, ...answer }]));
  }
}

/** Plans and pushes as a controller has them, and hosts that do as they are told, to look at what is where between any two steps. */
export class PushBench {
  readonly plans = new Plans();
  readonly #hosts = new Map<string, Host>();
  readonly #agents = new Map<string, HoldingAgent>();
  readonly #pushes: Pushes;
  /** Mbit/s of every version of a policy that there has been, by direction of link. */
  readonly #loads = new Map<string, ReadonlyMap<number, number>>();
  nowMs = 1_000_000;
  /** How often the rest of a pass was left for later. */
  putOff = 0;
  #catalog: Catalog;
  #generation = 1;

  constructor(topology: unknown, hosts: readonly string[]) {
    this.#catalog = {
      ...EMPTY_CATALOG,
      ...loadCatalog([{ kind: "Topology", name: "t", labels: {}, spec: topology, generation: 1 }], "t"),
    };
    const log = pino({ level: "silent" });
    this.#pushes = new Pushes({
      plans: () => this.plans,
      hosts: this.#hosts,
      nowMs: () => this.nowMs,
      log,
      instruments: undefined,
      onDue: () => this.putOff++,
    });
    this.plans.onDesiredChanged = (host) => this.#pushes.desiredChanged(host);
    for (const name of hosts) this.#agents.set(name, new HoldingAgent());
    this.#follow(NOTHING_UNUSABLE);
    for (const name of this.#agents.keys()) this.connect(name);
  }

  #follow(unusable: readonly DirectedLink[]): void {
    this.plans.refresh({ catalog: this.#catalog, unusable });
    for (const name of this.#catalog.intents.keys()) {
      for (const policy of this.plans.bandwidth.planOf(name)?.policies ?? []) {
        this.#loads.set(policy.entries.policy.revision, this.#loadOf(policy));
      }
    }
  }

  #loadOf(policy: PlannedPolicy): Map<number, number> {
    const load = new Map<number, number>();
    const { flat } = this.plans.snapshot ?? {};
    const { admitted = false, mbps = 0 } = policy.reservation ?? {};
    if (!admitted || flat === undefined) return load;
    const lists = usedLists(policy);
    const total = lists.reduce((sum, { path }) => sum + path.weight, 0);
    for (const { path } of lists) {
      for (const edge of edgesAlong(flat, path)) load.set(edge, (load.get(edge) ?? 0) + (mbps * path.weight) / total);
    }
    return load;
  }

  /** Throws TypeError for a host that is not there. */
  agent(name: string): HoldingAgent {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new TypeError(`there is no host ${name}`);
    return agent;
  }

  /** The host's agent comes, or comes again, with what it holds. */
  connect(name: string): void {
    const host = this.#hosts.get(name) ?? new Host(name);
    const agent = this.agent(name);
    this.#hosts.set(name, host);
    const port: SessionPort = {
      peer: name,
      send: (delta) => agent.take(delta),
      sendLinkState: () => undefined,
      close: () => undefined,
    };
    agent.port = port;
    agent.unanswered = undefined;
    const facts = { agentVersion: "", kernelRelease: "", maxSegments: 10, features: [], term: 0n };
    const hello = { ...facts, host: name, held: agent.held(), resync: false };
    host.connect(hello, port, this.nowMs);
    this.#pushes.connected(host, hello);
  }

  /** The host's agent answers what it was sent last. */
  answer(name: string): void {
    const agent = this.agent(name);
    const host = this.#hosts.get(name) as Host;
    if (agent.unanswered === undefined || agent.port === undefined) return;
    host.acknowledge(agent.port, { version: agent.unanswered.version, entries: [] });
    agent.unanswered = undefined;
    this.#pushes.acknowledged(host);
  }

  /** An intent comes, or another one of its name; `order` is its place in the order of admission. */
  apply(name: string, spec: Readonly<Record<string, unknown>>, order: number): void {
    const generation = this.#generation++;
    const { intents } = loadCatalog([{ kind: "Intent", name, labels: {}, spec, generation, order }], "t");
    this.#catalog = { ...this.#catalog, intents: this.#catalog.intents.with(intents) };
  }

  /** An intent goes. */
  delete(name: string): void {
    this.#catalog = { ...this.#catalog, intents: this.#catalog.intents.without([name]) };
  }

  /** The host's agent is away. */
  leave(name: string): void {
    const agent = this.agent(name);
    if (agent.port !== undefined) this.#hosts.get(name)?.disconnect(agent.port, this.nowMs);
    agent.unanswered = undefined;
    agent.port = undefined;
  }

  /** Plans what is asked for by now, while these directions are broken, and sends what differs, for so long. */
  run(unusable = NOTHING_UNUSABLE, budgetMs = Infinity): void {
    this.#follow(unusable);
    this.#pushes.run(budgetMs);
  }

  /** What was held back may be due. */
  wake(): void {
    this.#pushes.desiredChanged(undefined);
    this.run();
  }

  /** What links may carry: of each policy the greater of what its host has and had. */
  carriedMbps(): Map<number, number> {
    const carried = new Map<number, number>();
    for (const { holds, before, unanswered } of this.#agents.values()) {
      const keys = new Set([...holds.keys(), ...(unanswered === undefined ? [] : before.keys())]);
      for (const key of keys) {
        const versions = [holds.get(key), ...(unanswered === undefined ? [] : [before.get(key)])];
        const most = new Map<number, number>();
        for (const version of versions) {
          for (const [edge, mbps] of this.#loads.get(version?.revision ?? "") ?? []) {
            most.set(edge, Math.max(most.get(edge) ?? 0, mbps));
          }
        }
        for (const [edge, mbps] of most) carried.set(edge, (carried.get(edge) ?? 0) + mbps);
      }
    }
    return carried;
  }

  /** Everybody answers, and waits as long as anybody waits for anybody; gives up after some hundred rounds. */
  settle(): void {
    this.run();
    for (let round = 0; round < 200 && !this.isSettled(); round++) {
      for (const name of this.#agents.keys()) {
        if (this.#hosts.get(name)?.connection.kind !== "connected") this.connect(name);
        this.answer(name);
      }
      this.nowMs += 1_000;
      this.wake();
    }
  }

  /** True when every host has what it is to have, and has said so. */
  isSettled(): boolean {
    return [...this.#agents].every(([name, { holds, port, unanswered }]) => {
      const desired = this.plans.desiredOf(name);
      const isHeld = [...desired].every(([key, { revision }]) => holds.get(key)?.revision === revision);
      return port !== undefined && unanswered === undefined && isHeld && holds.size === desired.size;
    });
  }
}
