import type { EntryKey, ListKey, Revised } from "@sextant/model";
import { applySteps } from "./apply";
import { compile } from "./compile";
import type { CompileInput } from "./compile-input";
import type { DataPlane, KernelKey, KernelList } from "./data-plane";
import { kernelDelta, type Step, stepName } from "./delta";
import type { EntryState } from "./held-entry";
import { forgetAbsent, type MutableKernelState, readKernelState } from "./kernel-state";
import { RecordedEnvironment } from "./recorded-environment";
import { Refusals } from "./refusals";
import { RemovalGrace } from "./removal-grace";

/** What one reconciliation needs beyond the kernel. */
export type ReconcileInput = Omit<CompileInput, "limits" | "features" | "current" | "refused"> & {
  /** Monotonic. */
  readonly nowMs: number;
};

export interface Reconciled {
  /** The next `Held.installed`. */
  readonly effective: ReadonlyMap<EntryKey, Revised>;
  readonly states: ReadonlyMap<EntryKey, EntryState>;
  /** The lists that are now in the kernel, with their secrets. */
  readonly lists: ReadonlyMap<KernelKey, KernelList>;
  /** Those that no packet can take now; see `Compiled`. */
  readonly unreachable: ReadonlySet<ListKey>;
  readonly written: readonly Step[];
  /** Writes that put back what someone else had changed. */
  readonly repairs: readonly string[];
  /** When the next removal is due, on the clock of `nowMs`; undefined when none waits for its grace period. */
  readonly removalDueMs: number | undefined;
}

/** Looking for what others changed in the kernel may cost this share of the time: with small maps that is every call. */
const MAX_LOOK_SHARE = 0.1;

/** One round per kind of put that can find its map full, and one to finish. */
const MAX_ROUNDS = 6;

/**
 * Keeps the kernel as desired state says. A call reads the kernel, compiles, and writes the difference in make-before-break
 * order, so lost, repeated or reordered calls do no harm. It remembers what it wrote to tell a repair from a change, and
 * relies on that between two readings of large maps.
 */
export class Reconciler {
  readonly #grace = new RemovalGrace();
  readonly #refusals = new Refusals();
  /** What the kernel would hold if nobody else wrote to it. Undefined before the first reconciliation. */
  #written: MutableKernelState | undefined;
  #settled: Settled | undefined;
  #lookAgainMs = 0;

  constructor(private readonly plane: DataPlane) {}

  /** Throws what the data plane throws, `map_full` excepted: that ends in a state of the entry. */
  reconcile(input: ReconcileInput): Reconciled {
    const { actual, drift } = this.#look(input.nowMs);
    this.#written ??= actual;
    const isRetry = this.#refusals.isDue(input.nowMs);
    this.#refusals.begin(input.held.wanted, drift.size > 0, input.nowMs);
    if (drift.size === 0 && !isRetry && this.#settled?.holdsFor(input) === true) return this.#settled.result;
    const environment = new RecordedEnvironment(input.environment);
    const result = this.#converge({ ...input, environment }, actual, this.#written, drift);
    if (drift.size > 0) forgetAbsent(this.#written, actual);
    this.#settled = new Settled(input, environment, result);
    return result;
  }

  /** What the kernel holds, and by which writes of others it differs from what was written. */
  #look(nowMs: number): { actual: MutableKernelState; drift: ReadonlySet<string> } {
    if (this.#written !== undefined && nowMs < this.#lookAgainMs) return { actual: this.#written, drift: new Set() };
    const startedMs = performance.now();
    const read = readKernelState(this.plane);
    const drift = new Set(kernelDelta(read, this.#written ?? read).map(stepName));
    this.#lookAgainMs = nowMs + (performance.now() - startedMs) / MAX_LOOK_SHARE;
    return { actual: drift.size === 0 ? (this.#written ?? read) : read, drift };
  }

  #converge(
    { nowMs, ...input }: ReconcileInput,
    actual: MutableKernelState,
    written: MutableKernelState,
    drift: ReadonlySet<string>,
  ): Reconciled {
    const { limits, features } = this.plane;
    const done: Step[] = [];
    for (let round = 1; ; round++) {
      const current = { ...actual, lists: new Map([...actual.lists, ...written.lists]) };
      const compiled = compile({ ...input, limits, features, current, refused: this.#refusals });
      const steps = kernelDelta(actual, compiled.target);
      this.#grace.observe(actual, compiled.target, nowMs);
      const isDue = (step: Step) => isForeignSender(step, drift) || this.#grace.dueMs(step, nowMs) <= nowMs;
      const allowed = steps.filter(isDue);
      const waiting = steps.filter((step) => !isDue(step));
      const result = applySteps(this.plane, [...new Set([actual, written])], allowed);
      done.push(...result.done);
      this.#refusals.note(result, nowMs);
      if (result.refused.length > 0 && round < MAX_ROUNDS) continue;
      this.#grace.observe(actual, compiled.target, nowMs);
      return {
        effective: compiled.effective,
        states: compiled.states,
        lists: compiled.target.lists,
        unreachable: compiled.unreachable,
        written: done,
        repairs: done.map(stepName).filter((name) => drift.has(name)),
        removalDueMs: earliest(waiting.map((step) => this.#grace.dueMs(step, nowMs))),
      };
    }
  }
}

/** A reconciliation after which nothing is left to do until something is another. */
class Settled {
  readonly result: Reconciled;

  constructor(
    private readonly input: ReconcileInput,
    private readonly environment: RecordedEnvironment,
    private readonly last: Reconciled,
  ) {
    this.result = { ...last, written: [], repairs: [] };
  }

  /** True when the same input would lead to the same result: the kernel is then as it should be. */
  holdsFor({ held, probeMultiplier, term, environment, nowMs }: ReconcileInput): boolean {
    const { written, removalDueMs = Infinity } = this.last;
    return (
      written.length === 0 &&
      nowMs < removalDueMs &&
      held.wanted === this.input.held.wanted &&
      held.installed === this.input.held.installed &&
      probeMultiplier === this.input.probeMultiplier &&
      term === this.input.term &&
      this.environment.agreesWith(environment)
    );
  }
}

/** Somebody else let it in: it has no packets under way that anybody wants. */
function isForeignSender(step: Step, drift: ReadonlySet<string>): boolean {
  return step.kind === "delete_sender" && drift.has(stepName(step));
}

function earliest(timesMs: readonly number[]): number | undefined {
  return timesMs.length === 0 ? undefined : timesMs.reduce((a, b) => Math.min(a, b));
}
