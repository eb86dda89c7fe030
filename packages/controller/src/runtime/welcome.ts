import { SextantError } from "@sextant/model";
import type { TopologySnapshot } from "../topology/snapshot";
import type { HelloMessage } from "./host";

/** What a controller judges an agent's hello by. */
export interface WelcomeInputs {
  readonly isClosed: boolean;
  readonly snapshot: TopologySnapshot | undefined;
  readonly term: bigint;
  /** Whether one session more is one too many; one that takes the place of another is not. */
  readonly isFull: boolean;
  /** Most sessions that there may be. */
  readonly maxSessions: number;
}

/**
 * Why an agent's session cannot begin; undefined when it is welcome. `unavailable` while the controller shuts down, `not_found` for a host that the topology does not
 * have, `conflict` for an agent that has seen a newer controller, `resource_exhausted` when there are too many sessions.
 */
export function refusalOf(
  { host, term }: Pick<HelloMessage, "host" | "term">,
  { isClosed, snapshot, term: own, isFull, maxSessions }: WelcomeInputs,
): SextantError | undefined {
  if (isClosed) return new SextantError("unavailable", "the controller shuts down");
  if (snapshot?.nodes.get(host)?.kind !== "host") {
    const known =
      snapshot === undefined ? "there is no topology yet" : `topology "${snapshot.topology.name}" has no such host`;
    return new SextantError("not_found", `unknown host "${host}": ${known}; declare it as a node of kind host`);
  }
  if (term > own) {
    const advice = `connect it to the newer one; if that one's store is lost, start this one with --min-term ${term + 1n}`;
    return new SextantError(
      "conflict",
      `host ${host} has seen a controller of term ${term}, this one has ${own}: ${advice}`,
    );
  }
  if (!isFull) return undefined;
  return new SextantError(
    "resource_exhausted",
    `${maxSessions} sessions are open, the most that this controller takes`,
  );
}
