import { directedLinkKey } from "@sextant/model";
import { PathState } from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";
import { intentYaml } from "./documents";
import type { ScriptedAgent } from "./scripted-agent";
import { TestController } from "./test-controller";

const NODES = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: ladder}
spec:
  locatorBlock: 2001:db8::/32
  nodes:
    - {name: a, nodeId: 1}
    - {name: b, nodeId: 2}
    - {name: c, nodeId: 3}
    - {name: d, nodeId: 4}
    - {name: l1, kind: host, attachedTo: a, addresses: ["2001:db9:1::1"]}
    - {name: l2, kind: host, attachedTo: a, addresses: ["2001:db9:2::1"]}
    - {name: l3, kind: host, attachedTo: a, addresses: ["2001:db9:3::1"]}
    - {name: m1, kind: host, attachedTo: b, addresses: ["2001:db9:4::1"]}
    - {name: r1, kind: host, attachedTo: d, addresses: ["2001:db9:5::1"]}
  links:
    - {name: bd, a: b, b: d, delayUs: 1000}
    - {name: ac, a: a, b: c, delayUs: 5000}
    - {name: cd, a: c, b: d, delayUs: 5000}
`;

/** What a topology says of the link that breaks. */
export interface LadderLink {
  readonly ab?: "up" | "down" | "gone";
  /** Its IGP metric, beside 20 of the way over c. */
  readonly igp?: number;
}

export function ladderYaml({ ab = "up", igp = 10 }: LadderLink = {}): string {
  return ab === "gone" ? NODES : `${NODES}    - {name: ab, a: a, b: b, delayUs: 1000, igp: ${igp}, state: ${ab}}\n`;
}

const ask = (name: string, from: string, to: string, probeIntervalMs: number) =>
  intentYaml(name, [
    `from: {hosts: [${from}]}`,
    `to: {hosts: [${to}]}`,
    `liveness: {probeIntervalMs: ${probeIntervalMs}}`,
  ]);
/** l3 would notice after three minutes. */
const INTENTS = [ask("one", "l1", "r1", 10), ask("two", "l2", "r1", 10), ask("slow", "l3", "r1", 60_000)];
const PROOF = ask("proof", "r1", "m1", 10);

const FEATURES = ["insert", "probing"];
/** What hosts call the link that breaks, from a. */
export const AB_FROM_A = directedLinkKey("ab", "a");

/** l1, l2 and l3 reach r1 over a, b and d; m1 behind b proves the second half. What is left when they do not is the link a-b. */
export class Ladder {
  #agents: ReadonlyMap<string, ScriptedAgent> = new Map();

  private constructor(readonly controller: TestController) {}

  static async start(link: LadderLink = {}): Promise<Ladder> {
    const ladder = new Ladder(await TestController.start());
    const { controller } = ladder;
    await controller.operator.apply([ladderYaml(link), ...INTENTS, PROOF]);
    ladder.#agents = new Map(["l1", "l2", "l3", "r1"].map((host) => [host, controller.agent(host)]));
    // l2 is an agent of before.
    for (const [host, agent] of ladder.#agents) agent.hello({ features: host === "l2" ? ["insert"] : FEATURES });
    for (const agent of ladder.#agents.values()) await agent.take(1);
    return ladder;
  }

  agent(host: string): ScriptedAgent {
    return this.#agents.get(host) ?? this.controller.agent(host);
  }

  report(host: string, state: PathState): void {
    const agent = this.agent(host);
    const lists = [...agent.held.keys()].filter((key) => key.startsWith("list/"));
    const stateAgeMs = state === PathState.ALIVE ? 60_000n : 0n;
    agent.report({ paths: lists.map((list) => ({ list, state, stateAgeMs })) });
  }

  /** l1 and l2 find their lists dead; r1's way to m1 and, for all that it knows, l3's are alive. */
  linkBreaks(): void {
    for (const host of ["r1", "l3"]) this.report(host, PathState.ALIVE);
    for (const host of ["l1", "l2"]) this.report(host, PathState.DEAD);
  }

  /** Waits until a host has been told of something broken. */
  told(host: string) {
    return eventually(`${host} is told`, () => this.agent(host).linkStates.find(({ down }) => down.length > 0));
  }

  /** Another controller on the same data, and all agents with it. */
  async restart(): Promise<void> {
    const { controller } = this;
    await controller.restart();
    const held = new Map([...this.#agents].map(([host, agent]) => [host, new Map(agent.held)]));
    this.#agents = new Map([...held].map(([host, entries]) => [host, controller.agent(host, entries)]));
    for (const agent of this.#agents.values()) agent.hello({ features: FEATURES });
  }
}
