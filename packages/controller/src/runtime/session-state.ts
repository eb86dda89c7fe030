import { type DesiredState, type EntryKey, type EntryStatus, isListKey, type Revised } from "@sextant/model";
import { type Change, diff, firstChanges } from "../pipeline/push";

/** Deltas stay well below the largest message that gRPC lets through. */
const MAX_DELTA_BYTES = 1024 * 1024;

/** How a host answered for one revision of an entry. */
export interface EntryAnswer {
  readonly revision: string;
  readonly status: EntryStatus;
  /** Stable word from the host, empty when installed or not told yet. */
  readonly reason: string;
  readonly message: string;
}

/** What a host holds under a key. */
export interface HeldEntry extends EntryAnswer {
  /** Of a policy: generation of this revision's intent; undefined when it was sent in an earlier session. */
  readonly generation?: number;
  /** Of a policy: generation that is in the kernel, which is an older one while this revision waits or was rejected. */
  readonly installedGeneration?: number;
}

/** One step of desired state on its way to a host. */
export interface DesiredDelta {
  /** Counts up within a session, from 1. */
  readonly version: number;
  readonly upserts: readonly Revised[];
  readonly removals: readonly string[];
  /** The upserts are the whole desired state: everything else that the host holds is stale. */
  readonly full: boolean;
}

/** A host's answer to a delta, or a later change of an entry's status. */
export interface AckMessage {
  readonly version: number;
  readonly entries: readonly ({ readonly key: string } & EntryAnswer)[];
}

type Outbox = { readonly kind: "idle" } | { readonly kind: "unacknowledged"; readonly delta: DesiredDelta };

/**
 * The controller's side of one session: what the host holds, and the one delta that may be unacknowledged. Desired state is
 * passed in whenever a delta could be sent, so changes in between collapse into the next one.
 */
export class SessionState {
  #held: Map<string, HeldEntry>;
  #outbox: Outbox = { kind: "idle" };
  #lastVersion = 0;
  #full: boolean;
  /** The desired state that was found to hold already, until something is acknowledged. */
  #reached: DesiredState | undefined;
  /** Entries of acks that the session cannot place: another revision, or a key that the host was never given. */
  ignoredEntries = 0;

  /** `full` asks for a first delta that replaces whatever the host holds. */
  constructor(held: ReadonlyMap<string, HeldEntry>, full: boolean) {
    this.#held = new Map(held);
    this.#full = full;
  }

  /** What the host holds, as far as it has said so. */
  get held(): ReadonlyMap<string, HeldEntry> {
    return this.#held;
  }

  /** Version of the newest delta sent; 0 before the first. */
  get sentVersion(): number {
    return this.#lastVersion;
  }

  /** Version of the newest delta that the host has answered; 0 before the first. */
  get ackedVersion(): number {
    return this.#outbox.kind === "idle" ? this.#lastVersion : this.#lastVersion - 1;
  }

  /**
   * The next delta towards `desired`; undefined when one is unacknowledged or there is nothing to say. Policies that `holdBack`
   * names stay as the host has them, with their lists; a delta that is the whole state holds nothing back.
   */
  next(desired: DesiredState, holdBack: (key: EntryKey) => boolean = () => false): DesiredDelta | undefined {
    if (this.#outbox.kind === "unacknowledged" || this.#reached === desired) return undefined;
    const all = this.#full ? diff(desired, new Map()) : diff(desired, this.#held);
    const changes = this.#full ? all : firstChanges(withoutHeldBack(all, holdBack), MAX_DELTA_BYTES);
    if (changes.length === 0 && !this.#full) {
      if (all.length === 0) this.#reached = desired;
      return undefined;
    }
    this.#lastVersion += 1;
    const delta = toDelta(this.#lastVersion, changes, this.#full);
    this.#outbox = { kind: "unacknowledged", delta };
    return delta;
  }

  /** True when the host holds that revision, and no delta under way says otherwise. */
  hasAnswered(key: EntryKey, revision: string | undefined): boolean {
    if (this.#held.get(key)?.revision !== revision) return false;
    if (this.#outbox.kind === "idle") return true;
    const { full, upserts, removals } = this.#outbox.delta;
    return !full && !removals.includes(key) && !upserts.some(({ entry }) => entry.key === key);
  }

  /** The revision that the host has under a key, "" for none; undefined when a delta is under way about it, or it was not installed. */
  surelyHas(key: EntryKey): string | undefined {
    const held = this.#held.get(key);
    if (this.#full || !this.hasAnswered(key, held?.revision)) return undefined;
    if (held === undefined) return "";
    return held.status === "installed" ? held.revision : undefined;
  }

  /** Takes an answer in. Returns why it cannot be one, in words for the other side; undefined when it was taken. */
  acknowledge(ack: AckMessage): string | undefined {
    if (ack.version > this.#lastVersion) {
      return `ack of version ${ack.version}, but the newest delta is ${this.#lastVersion}`;
    }
    this.#reached = undefined;
    const answers = new Map(ack.entries.map(({ key, ...answer }) => [key, answer]));
    if (this.#outbox.kind === "unacknowledged" && ack.version === this.#lastVersion) {
      this.#take(this.#outbox.delta, answers);
      this.#outbox = { kind: "idle" };
    }
    for (const [key, answer] of answers) this.#change(key, answer);
    return undefined;
  }

  /** The host has the delta now; what its ack does not mention is installed. */
  #take({ full, upserts, removals }: DesiredDelta, answers: ReadonlyMap<string, EntryAnswer>): void {
    const before = this.#held;
    if (full) {
      this.#held = new Map();
      this.#full = false;
    }
    for (const key of removals) this.#held.delete(key);
    for (const { revision, entry } of upserts) {
      const given = answers.get(entry.key);
      const answer =
        given?.revision === revision ? given : { revision, status: "installed" as const, reason: "", message: "" };
      const generation = entry.kind === "policy" ? entry.generation : undefined;
      this.#held.set(entry.key, heldEntry(answer, generation, before.get(entry.key)?.installedGeneration));
    }
  }

  #change(key: string, answer: EntryAnswer): void {
    const held = this.#held.get(key);
    if (held?.revision === answer.revision) {
      this.#held.set(key, heldEntry(answer, held.generation, held.installedGeneration));
    } else {
      this.ignoredEntries += 1;
    }
  }
}

function heldEntry(answer: EntryAnswer, generation: number | undefined, inKernel: number | undefined): HeldEntry {
  const installedGeneration = answer.status === "installed" ? generation : inKernel;
  return {
    ...answer,
    ...(generation === undefined ? {} : { generation }),
    ...(installedGeneration === undefined ? {} : { installedGeneration }),
  };
}

/** What is held back still uses the lists of its earlier version, so none of those goes. */
function withoutHeldBack(changes: readonly Change[], holdBack: (key: EntryKey) => boolean): readonly Change[] {
  const left = changes.filter((change) => change.kind === "removal" || !holdBack(change.revised.entry.key));
  if (left.length === changes.length) return changes;
  return left.filter((change) => change.kind === "upsert" || !isListKey(change.key));
}

function toDelta(version: number, changes: readonly Change[], full: boolean): DesiredDelta {
  return {
    version,
    upserts: changes.flatMap((change) => (change.kind === "upsert" ? [change.revised] : [])),
    removals: changes.flatMap((change) => (change.kind === "removal" ? [change.key] : [])),
    full,
  };
}
