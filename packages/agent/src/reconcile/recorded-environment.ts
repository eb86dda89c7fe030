import type { Environment } from "./compile-input";
import { sameValue } from "./kernel-state";

/**
 * An environment that remembers what was asked and answered, so that whoever used it can tell later whether the same
 * questions would still get the same answers. It grows with the distinct first segments and cgroups of desired state.
 */
export class RecordedEnvironment implements Environment {
  readonly #nextHops = new Map<Parameters<Environment["nextHopOf"]>[0], ReturnType<Environment["nextHopOf"]>>();
  readonly #cgroups = new Map<string, ReturnType<Environment["cgroupOf"]>>();

  constructor(private readonly environment: Environment) {}

  readonly nextHopOf: Environment["nextHopOf"] = (segment) => {
    const answer = this.environment.nextHopOf(segment);
    this.#nextHops.set(segment, answer);
    return answer;
  };

  readonly cgroupOf: Environment["cgroupOf"] = (path) => {
    const answer = this.environment.cgroupOf(path);
    this.#cgroups.set(path, answer);
    return answer;
  };

  /** True when `other` answers everything that was asked as this one did. */
  agreesWith(other: Environment): boolean {
    return (
      [...this.#nextHops].every(([segment, answer]) => sameValue(other.nextHopOf(segment), answer)) &&
      [...this.#cgroups].every(([path, answer]) => sameValue(other.cgroupOf(path), answer))
    );
  }
}
