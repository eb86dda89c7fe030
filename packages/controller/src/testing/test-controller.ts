import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControllerOptions } from "../config";
import { type RunningController, runController } from "../main";
import { OperatorClient } from "./operator-client";
import { ScriptedAgent } from "./scripted-agent";

/** A controller on a unix socket and a directory of its own, with everything that a test opens closed again at the end. */
export class TestController {
  readonly agents: ScriptedAgent[] = [];

  private constructor(
    readonly dir: string,
    readonly target: string,
    readonly options: ControllerOptions,
    public running: RunningController,
    public operator: OperatorClient,
  ) {}

  static async start(options: ControllerOptions = {}): Promise<TestController> {
    const dir = await mkdtemp(join(tmpdir(), "sextant-controller-"));
    const target = `unix:${join(dir, "socket")}`;
    const all = { dataDir: join(dir, "data"), listen: [target], logLevel: "silent", ...options };
    try {
      return new TestController(dir, target, all, await runController(all), new OperatorClient(target));
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Stops the controller and starts another one on the same data. */
  async restart(): Promise<void> {
    this.operator.close();
    await this.running.close();
    this.running = await runController(this.options);
    this.operator = new OperatorClient(this.target);
  }

  /** A new agent on its way to the controller; it has not said anything yet. `held` is what it holds from before. */
  agent(host: string, held: ReadonlyMap<string, string> = new Map()): ScriptedAgent {
    const agent = new ScriptedAgent(this.target, host);
    for (const [key, revision] of held) agent.held.set(key, revision);
    this.agents.push(agent);
    return agent;
  }

  async stop(): Promise<void> {
    for (const agent of this.agents) agent.close();
    this.operator.close();
    await this.running.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
