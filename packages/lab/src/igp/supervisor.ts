import type { FlexibleAlgorithm } from "@sextant/model";
import { bounded } from "../kernel/bounded";
import { ipBatchForce } from "../kernel/command";
import { linkEndRoutes } from "../network/node-lines";
import type { LabLink, LabPlan, LinkEnd } from "../plan";
import type { InterfaceState } from "./interface-state";
import { computeNextHops } from "./next-hops";
import { type NodeRoutes, routeChanges, routesOfNode } from "./routes";

/** What the supervisor needs from outside. */
export interface SupervisorContext {
  /** Time from a change of carrier to new routes; asked at every change. */
  readonly delayMs: () => number;
  /** The algorithms' definitions of the moment; asked at every change. */
  readonly algorithms: () => readonly FlexibleAlgorithm[];
  /** Whether a link's ports may be up: it is not told to be down, and what carries it lives. */
  readonly mayBeUp: (link: string) => boolean;
  /** Runs work while no command works on the lab. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Routes of all nodes while the given links can be used and the algorithms are so defined. */
export function routesOfLab(
  plan: LabPlan,
  isUp: (link: string) => boolean,
  algorithms: readonly FlexibleAlgorithm[],
): Map<string, NodeRoutes> {
  const tables = [undefined, ...algorithms].map((algorithm) => ({
    algorithm,
    nextHops: computeNextHops(plan.topology, isUp, algorithm),
  }));
  return new Map([...plan.nodes].map(([name, node]) => [name, routesOfNode(plan, node, tables)]));
}

/**
 * The IGP of a lab.
 *
 *   notification ──▶ interface states ──▶ (delay) ──▶ links in use ──▶ routes wanted ──▶ difference ──▶ kernel
 *
 * It also passes loss of carrier on: when an interface is set down inside a node, the far end of its link loses carrier.
 */
export class Supervisor {
  readonly #states = new Map<string, InterfaceState>();
  readonly #usable = new Map<string, boolean>();
  readonly #waiting = new Map<string, { readonly usable: boolean; readonly timer: NodeJS.Timeout }>();
  readonly #programmed: Map<string, NodeRoutes>;
  readonly #portUp = new Map<string, boolean>();
  /** Each has its own order; routes never wait for the commands that ports have to wait for. */
  #routes: Promise<void> = Promise.resolve();
  #ports: Promise<void> = Promise.resolve();
  #dirty = false;

  /** `usable` says which links the routes now in the kernel use. */
  constructor(
    private readonly plan: LabPlan,
    private readonly context: SupervisorContext,
    usable: (link: string) => boolean,
  ) {
    for (const link of plan.links.keys()) this.#usable.set(link, usable(link));
    this.#programmed = routesOfLab(plan, usable, context.algorithms());
  }

  /** Takes in the state of a node's interface or of a port. */
  observe(namespace: string, name: string, state: InterfaceState): void {
    if (namespace === this.plan.wires) {
      this.#portUp.set(name, state.up);
      return;
    }
    const before = this.#states.get(`${namespace} ${name}`);
    this.#states.set(`${namespace} ${name}`, state);
    const end = this.#endOf(namespace, name);
    if (end === undefined) return;
    const link = this.plan.links.get(end.link);
    if (link === undefined) return;
    if (before?.up === true && !state.up) this.#forget(end);
    const rises = before?.carrier === false && state.carrier;
    if (before !== undefined && (before.up !== state.up || rises)) this.#passOn(link);
    if (before?.up === false && state.up)
      this.#routes = this.#after(this.#routes, () => ipBatchForce(namespace, linkEndRoutes(end)));
    this.#schedule(link);
  }

  /** Takes in other definitions of the algorithms. */
  redefine(): void {
    this.#routes = this.#after(this.#routes, () => this.#program());
  }

  #endOf(namespace: string, name: string): LinkEnd | undefined {
    for (const node of this.plan.nodes.values()) {
      if (node.namespace === namespace) return node.ends.find((end) => end.interfaceName === name);
    }
    return undefined;
  }

  #stateOf(end: LinkEnd): InterfaceState | undefined {
    const node = this.plan.nodes.get(end.node);
    return node === undefined ? undefined : this.#states.get(`${node.namespace} ${end.interfaceName}`);
  }

  #hasCarrier(link: LabLink): boolean {
    return this.#stateOf(link.a)?.carrier === true && this.#stateOf(link.b)?.carrier === true;
  }

  /** An interface that goes down takes the kernel's routes over it along. */
  #forget(end: LinkEnd): void {
    const routes = this.#programmed.get(end.node);
    if (routes === undefined) return;
    const left = [...routes].filter(([, route]) => !`${route} `.includes(` dev ${end.interfaceName} `));
    this.#programmed.set(end.node, new Map(left));
    this.#dirty = true;
  }

  /**
   * A port is up while the interface at the other end of the link is: so a node sees its neighbour go. Decided when nobody else
   * works on the lab's links, from what holds then.
   */
  #passOn(link: LabLink): void {
    this.#ports = this.#after(this.#ports, () =>
      this.context.exclusively(async () => {
        const allowed = this.context.mayBeUp(link.link.name);
        const ports = [
          { port: link.a.port, wanted: allowed && this.#stateOf(link.b)?.up !== false },
          { port: link.b.port, wanted: allowed && this.#stateOf(link.a)?.up !== false },
        ];
        const wrong = ports.filter(({ port, wanted }) => this.#portUp.get(port) === !wanted);
        for (const { port, wanted } of wrong) this.#portUp.set(port, wanted);
        await ipBatchForce(
          this.plan.wires,
          wrong.map(({ port, wanted }) => `link set dev ${port} ${wanted ? "up" : "down"}`),
        );
      }),
    );
  }

  /** Once its carrier has been there, or away, for the delay, the link is used, or not. */
  #schedule(link: LabLink): void {
    const { name } = link.link;
    if (this.#stateOf(link.a) === undefined || this.#stateOf(link.b) === undefined) return;
    const usable = this.#hasCarrier(link);
    const waiting = this.#waiting.get(name);
    if (waiting?.usable === usable) return;
    clearTimeout(waiting?.timer);
    this.#waiting.delete(name);
    if (usable === this.#usable.get(name) && !this.#dirty) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(name);
      this.#usable.set(name, usable);
      this.context.log("link", { link: name, usable });
      this.#routes = this.#after(this.#routes, () => this.#program());
    }, this.context.delayMs());
    this.#waiting.set(name, { usable, timer });
  }

  async #program(): Promise<void> {
    this.#dirty = false;
    const wanted = routesOfLab(this.plan, (link) => this.#usable.get(link) === true, this.context.algorithms());
    const changes = [...this.plan.nodes.values()].flatMap((node) => {
      const after = wanted.get(node.node.name) ?? new Map<never, string>();
      const lines = routeChanges(this.#programmed.get(node.node.name) ?? new Map<never, string>(), after);
      this.#programmed.set(node.node.name, after);
      return lines.length === 0 ? [] : [{ namespace: node.namespace, lines }];
    });
    await bounded(changes, ({ namespace, lines }) => ipBatchForce(namespace, lines));
    this.context.log("routes", {
      nodes: changes.length,
      changes: changes.reduce((n, { lines }) => n + lines.length, 0),
    });
  }

  #after(earlier: Promise<void>, work: () => Promise<void>): Promise<void> {
    return earlier.then(work).catch((thrown: unknown) => {
      this.context.log("failed", { error: String(thrown) });
    });
  }
}
