import { Outages, processRegistry, promHistogram, type Registry, type Row, Tally } from "@sextant/metrics";
import type { PathTransition } from "../liveness/liveness";
import type { AgentReport } from "../pipeline/observe";
import { AGENT_FAMILIES } from "./families";

/** What has to be noted when it happens, as it cannot be read from an agent's state later on. */
export class AgentInstruments {
  readonly registry: Registry = processRegistry();
  readonly #install = promHistogram(this.registry, AGENT_FAMILIES.installSeconds);
  readonly #outage = promHistogram(this.registry, AGENT_FAMILIES.policyOutage);
  readonly #outages: Outages;
  readonly #transitions = new Tally<readonly [host: string, state: string, reason: string]>();

  /** `nowMs` is monotonic. */
  constructor(
    private readonly host: string,
    private readonly nowMs: () => number,
  ) {
    this.#outages = new Outages((seconds) => this.#outage.observe({ host }, seconds));
  }

  /** Changes of paths so far. */
  transitions(): Iterable<Row<readonly [host: string, state: string, reason: string]>> {
    return this.#transitions.rows();
  }

  /** A difference of desired state is in the kernel. */
  installed(seconds: number): void {
    this.#install.observe({ host: this.host }, seconds);
  }

  /** Paths are other than before in state or reason. */
  changed(transitions: readonly PathTransition[]): void {
    for (const { to, reason } of transitions) this.#transitions.add(this.host, to, reason === "" ? "none" : reason);
  }

  /** What there was to see: at each change of a path, and at each report. */
  looked({ policies }: Pick<AgentReport, "policies">): void {
    const things = policies.map(({ policy, activeCandidate }) => [policy, activeCandidate < 0] as const);
    this.#outages.look(this.host, things, this.nowMs());
  }
}
