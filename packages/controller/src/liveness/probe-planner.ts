import type { HostSettings, Intent, ListKey, Revised } from "@sextant/model";
import type { ListEntry, PolicyEntries } from "../pipeline/entries";
import { asksOf, probingEntry } from "../pipeline/probing";
import type { FlatGraph } from "../topology/flat-graph";
import { type PlannedList, planProbesInSteps } from "./probe-plan";

/** A plan follows this long after the change that calls for it, and takes in whatever has changed until then. */
const PLAN_AFTER_MS = 1_000;
/** A plan is made in turns of this length. */
const TURN_MS = 10;
/** Looking at the clock costs about as much as so many steps. */
const STEPS_BETWEEN_LOOKS = 64;

/** Hosts hear of a plan in turns of about so many lists: what each of them is told takes a moment to be written. */
const LISTS_PER_TURN = 400;

/** Everything that hosts probe. */
export interface ProbedHosts {
  hosts(): Iterable<string>;
  policiesOf(host: string): readonly { readonly entries: PolicyEntries; readonly intent: Intent }[];
  retainedOf(host: string): readonly ListEntry[];
}

export interface ProbePlannerParts {
  readonly probed: ProbedHosts;
  readonly settings: HostSettings;
  /** The probing of these hosts is another one. */
  readonly onChange: (hosts: readonly string[]) => void;
}

type NumberedList = PlannedList & { readonly key: ListKey };

/**
 * Decides which lists watch links and which are only verified. A new list is probed at its host's rate at once; about a second after the
 * last plan another one takes it in. Who watches goes on to watch as long as it is needed.
 */
export class ProbePlanner {
  /** Lists that are only verified, by host. */
  #verified = new Map<string, ReadonlySet<ListKey>>();
  /** All lists of the last plan. */
  #planned = new Map<string, ReadonlySet<ListKey>>();
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #isDirty = false;
  #stopped = false;

  constructor(private readonly parts: ProbePlannerParts) {}

  /** How a host is to probe its lists; undefined when it has none. */
  entryOf(host: string, graph: FlatGraph): Revised | undefined {
    const { probed, settings } = this.parts;
    return probingEntry({
      graph,
      policies: probed.policiesOf(host),
      retained: probed.retainedOf(host),
      verified: this.#verified.get(host) ?? NOTHING,
      hostIntervalUs: settings.probeIntervalMs * 1_000,
    });
  }

  /** Lists of some host are others. */
  listsChanged(): void {
    this.#isDirty = true;
    if (this.#stopped || this.#timer !== undefined || this.#turn !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isDirty = false;
      this.#work(this.#plan());
    }, PLAN_AFTER_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  #work(steps: Iterator<undefined, readonly string[]>): void {
    const startMs = performance.now();
    this.#turn = undefined;
    for (let step = 1; ; step++) {
      const { done, value } = steps.next();
      if (done === true) {
        this.#tell(value);
        return;
      }
      if (step % STEPS_BETWEEN_LOOKS !== 0 || performance.now() - startMs < TURN_MS) continue;
      this.#turn = setImmediate(() => this.#work(steps));
      return;
    }
  }

  #tell(hosts: readonly string[]): void {
    this.#turn = undefined;
    let end = 0;
    for (let lists = 0; end < hosts.length && lists < LISTS_PER_TURN; end++) {
      lists += this.#planned.get(hosts[end] ?? "")?.size ?? 0;
    }
    if (end > 0) this.parts.onChange(hosts.slice(0, end));
    if (end < hosts.length) this.#turn = setImmediate(() => this.#tell(hosts.slice(end)));
    else if (this.#isDirty) this.listsChanged();
  }

  /** Returns the hosts that are to probe otherwise. */
  *#plan(): Generator<undefined, readonly string[]> {
    const lists: NumberedList[] = [];
    for (const host of this.parts.probed.hosts()) {
      lists.push(...(yield* this.#listsOf(host)));
    }
    const intervals = yield* planProbesInSteps(lists);
    const verified = new Map<string, Set<ListKey>>();
    const planned = new Map<string, Set<ListKey>>();
    for (const [i, { host, key, hostIntervalUs }] of lists.entries()) {
      add(planned, host, key);
      if ((intervals[i] as number) > hostIntervalUs) add(verified, host, key);
      yield;
    }
    const before = this.#verified;
    this.#verified = verified;
    this.#planned = planned;
    const hosts = new Set([...before.keys(), ...verified.keys()]);
    const changed: string[] = [];
    for (const host of hosts) {
      if (!sameKeys(before.get(host) ?? NOTHING, verified.get(host) ?? NOTHING)) changed.push(host);
      yield;
    }
    return changed;
  }

  /** A step for each policy, as its entries may have to be made. */
  *#listsOf(host: string): Generator<undefined, NumberedList[]> {
    const { probed, settings } = this.parts;
    const lists = new Map<ListKey, NumberedList>();
    const hostIntervalUs = settings.probeIntervalMs * 1_000;
    const number = ({ entry, loops }: ListEntry, isPrimary: boolean, askedIntervalUs: number | undefined) => {
      const known = lists.get(entry.key);
      const asked = Math.min(askedIntervalUs ?? Infinity, known?.askedIntervalUs ?? Infinity);
      const watches =
        this.#planned.get(host)?.has(entry.key) === true && this.#verified.get(host)?.has(entry.key) !== true;
      const rank = watches ? 0 : isPrimary || known?.rank === 1 ? 1 : 2;
      const links = loops.out.concat(...loops.backs);
      const askedOrNot = asked === Infinity ? undefined : asked;
      lists.set(entry.key, { host, key: entry.key, links, askedIntervalUs: askedOrNot, hostIntervalUs, rank });
    };
    for (const { entries, intent } of probed.policiesOf(host)) {
      const primary = new Set(entries.policy.entry.candidates[0]?.lists.map(({ list }) => list));
      for (const list of entries.lists) number(list, primary.has(list.entry.key), asksOf(intent).intervalUs);
      yield;
    }
    for (const list of probed.retainedOf(host)) number(list, false, undefined);
    return [...lists.values()];
  }
}

const NOTHING: ReadonlySet<ListKey> = new Set();

function add(sets: Map<string, Set<ListKey>>, host: string, key: ListKey): void {
  const set = sets.get(host);
  if (set === undefined) sets.set(host, new Set([key]));
  else set.add(key);
}

function sameKeys(a: ReadonlySet<ListKey>, b: ReadonlySet<ListKey>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}
