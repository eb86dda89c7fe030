import { type HostSettings, kernelKeyOf, type ListKey, type PathState } from "@sextant/model";
import type { KernelKey, ListDemand, ProbeCounters, TcpCounters } from "../reconcile/data-plane";
import { ListLiveness, type PathReason, type Witness } from "./list-liveness";
import { type ListProbing, probingOfHost } from "./list-probing";
import type { LoopUse } from "./probe-loops";

/** A list that became another in state or reason. */
export interface PathTransition {
  readonly list: ListKey;
  readonly from: PathState;
  readonly to: PathState;
  readonly reason: PathReason;
  /** Who has seen it, where the reason is loss or delay. */
  readonly witness: Witness | undefined;
  /** How long it was in its state before, milliseconds. */
  readonly afterMs: number;
}

export interface LivenessInput {
  readonly observations: ReadonlyMap<KernelKey, ProbeCounters>;
  /** What TCP saw of them; undefined when it is not its turn to be looked at. */
  readonly tcp: ReadonlyMap<KernelKey, TcpCounters> | undefined;
  /** Lists to judge. Those that the kernel does not hold are forgotten. */
  readonly lists: Iterable<ListKey>;
  readonly unreachable: ReadonlySet<ListKey>;
  /** Lists that are probed otherwise than the host's settings say. */
  readonly probing: ReadonlyMap<ListKey, ListProbing>;
  readonly settings: HostSettings;
  /** Links that are known to be broken. */
  readonly downLinks: ReadonlySet<bigint>;
  /** What the kernel is known to ask of lists; undefined: what was last given is trusted to be there. */
  readonly actual: ReadonlyMap<KernelKey, ListDemand> | undefined;
  /** Monotonic. */
  readonly nowMs: number;
}

export interface Judged {
  readonly transitions: readonly PathTransition[];
  /** A way back died or came back while its list is alive: the controller takes what is not said for alive. */
  readonly returnsChanged: boolean;
  /** What the kernel is to ask of lists from now on, where that is something else. */
  readonly demands: ReadonlyMap<KernelKey, ListDemand>;
  /** Lists whose probes are to take another loop than the first, from now on. */
  readonly uses: ReadonlyMap<ListKey, LoopUse>;
}

const NO_DEMAND: ListDemand = { withheld: undefined, multiplier: undefined };

/**
 * All lists of a host: the counters that BPF keeps become states, and reasons to leave a list alone. The state is the packet
 * path's own judgement (sent minus returned against the multiplier), so a sender that stalls, or this not being called, kills
 * nothing. It remembers the lists at hand only.
 */
export class Liveness {
  #lists: ReadonlyMap<ListKey, ListLiveness> = new Map();
  #demands: ReadonlyMap<KernelKey, ListDemand> = new Map();

  get lists(): ReadonlyMap<ListKey, ListLiveness> {
    return this.#lists;
  }

  /** Judges all lists once. */
  observe(input: LivenessInput): Judged {
    const { observations, settings, downLinks, unreachable, nowMs } = input;
    const next = new Map<ListKey, ListLiveness>();
    const wanted = new Map<KernelKey, ListDemand>();
    const uses = new Map<ListKey, LoopUse>();
    let returnsChanged = false;
    const transitions: PathTransition[] = [];
    const ofHost = probingOfHost(settings);
    for (const key of input.lists) {
      const kernelKey = kernelKeyOf(key);
      const counters = observations.get(kernelKey);
      if (counters === undefined) continue;
      const list = this.#lists.get(key) ?? new ListLiveness(nowMs);
      const probing = input.probing.get(key) ?? ofHost;
      const { state: from, sinceMs, deadReturns } = list;
      const linkDown = downLinks.size > 0 && probing.links.some((link) => downLinks.has(link));
      const tcp = input.tcp?.get(kernelKey);
      if (list.observe({ counters, tcp, unreachable: unreachable.has(key), linkDown, probing, nowMs })) {
        const { state: to, reason, witness } = list;
        transitions.push({ list: key, from, to, reason, witness, afterMs: nowMs - sinceMs });
      }
      returnsChanged ||= list.deadReturns !== deadReturns;
      next.set(key, list);
      if (list.loops.use !== "first") uses.set(key, list.loops.use);
      wanted.set(kernelKey, demandOf(list, settings));
    }
    const demands = this.#changed(wanted, input.actual ?? this.#demands);
    this.#lists = next;
    this.#demands = wanted;
    return { transitions, returnsChanged, demands, uses };
  }

  #changed(wanted: ReadonlyMap<KernelKey, ListDemand>, actual: ReadonlyMap<KernelKey, ListDemand>) {
    const isOther = ([key, { withheld, multiplier }]: [KernelKey, ListDemand]) => {
      const there = actual.get(key) ?? NO_DEMAND;
      return there.withheld !== withheld || there.multiplier !== multiplier;
    };
    return new Map([...wanted].filter(isOther));
  }
}

/** A list for which the host's multiplier is right has none of its own, so that it follows a change of the setting at once. */
function demandOf({ withheld, multiplier }: ListLiveness, { probeMultiplier }: HostSettings): ListDemand {
  return { withheld, multiplier: multiplier === probeMultiplier ? undefined : multiplier };
}
