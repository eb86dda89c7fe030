import { Outages, processRegistry, promHistogram, type Registry, type Row, Tally } from "@sextant/metrics";
import type { HostHealth } from "../pipeline/judge";
import type { Host } from "../runtime/host";
import type { Instruments } from "../runtime/instruments";
import { CONTROLLER_FAMILIES } from "./families";

/** What has to be noted when it happens, as it cannot be read from a controller's state later on. */
export class ControllerInstruments implements Instruments {
  readonly registry: Registry = processRegistry();
  readonly #compute = promHistogram(this.registry, CONTROLLER_FAMILIES.computeSeconds);
  readonly #push = promHistogram(this.registry, CONTROLLER_FAMILIES.pushSeconds);
  readonly #outage = promHistogram(this.registry, CONTROLLER_FAMILIES.policyOutage);
  readonly #outages = new Outages((seconds) => this.#outage.observe(seconds));
  readonly #transitions = new Tally<readonly [state: string, reason: string]>();
  /** When hosts were sent what they have not answered for yet. One delta of a host is under way at most. */
  readonly #pushedMs = new Map<string, number>();

  /** `nowMs` is monotonic. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Changes of path states so far. */
  transitions(): Iterable<Row<readonly [state: string, reason: string]>> {
    return this.#transitions.rows();
  }

  computed(seconds: number): void {
    this.#compute.observe(seconds);
  }

  pushed(host: string): void {
    this.#pushedMs.set(host, this.nowMs());
  }

  acknowledged({ name, connection }: Host): void {
    const pushedMs = this.#pushedMs.get(name);
    if (pushedMs === undefined || connection.kind !== "connected") return;
    if (connection.state.sentVersion !== connection.state.ackedVersion) return;
    this.#pushedMs.delete(name);
    this.#push.observe((this.nowMs() - pushedMs) / 1_000);
  }

  reported(host: string, before: HostHealth | undefined, after: HostHealth): void {
    for (const [list, { state, reason, sinceMs }] of after.paths) {
      const last = before?.paths.get(list);
      if (last !== undefined && (last.state !== state || last.sinceMs !== sinceMs)) {
        this.#transitions.add(state, reason === "" ? "none" : reason);
      }
    }
    this.#outages.look(host, policiesOut(after), this.nowMs());
  }

  disconnected(host: string): void {
    this.#pushedMs.delete(host);
  }

  forgotten(host: string): void {
    this.#pushedMs.delete(host);
    this.#outages.forget(host);
  }
}

function* policiesOut({ policies }: HostHealth): Iterable<readonly [string, boolean]> {
  for (const [policy, { activeCandidate }] of policies) yield [policy, activeCandidate < 0];
}
