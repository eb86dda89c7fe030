import { stableHash } from "@sextant/model";

/** A map of 100,000 entries changes by a copy of about a hundred of them, and finds what changed by as many looks as there are buckets. */
const BUCKETS = 1_024;

/** Entries whose names have one hash, as far as it is looked at: in all versions of a map that agree about them, the same object. */
type Bucket<V> = ReadonlyMap<string, V>;

const NO_ENTRIES: Bucket<never> = new Map<string, never>();
const NO_BUCKETS: readonly Bucket<never>[] = Array.from({ length: BUCKETS }, () => NO_ENTRIES);

/** What leads from one version to another. */
export interface MapChanges<V> {
  /** Entries that are new, or another value of their name. */
  readonly set: readonly (readonly [string, V])[];
  /** Names that are no more. */
  readonly gone: readonly string[];
}

/**
 * A map by name that never changes: a change makes another version, which shares with this one all that stays. So both a change and finding it later take time for
 * what changes, not for all that there is. The order of entries follows from their names alone, and within few of them from how they came.
 */
export class SharingMap<V> implements ReadonlyMap<string, V> {
  private constructor(
    private readonly buckets: readonly Bucket<V>[],
    readonly size: number,
  ) {}

  /** A map of entries; the last one of a name counts. */
  static of<V>(entries: Iterable<readonly [string, V]> = []): SharingMap<V> {
    return new SharingMap<V>(NO_BUCKETS, 0).with(entries);
  }

  get(name: string): V | undefined {
    return this.buckets[bucketOf(name)]?.get(name);
  }

  has(name: string): boolean {
    return this.buckets[bucketOf(name)]?.has(name) === true;
  }

  /** The version with these entries besides, or in place of those of their names. The same map when it has them all. */
  with(entries: Iterable<readonly [string, V]>): SharingMap<V> {
    const next = new NextVersion(this.buckets);
    let { size } = this;
    for (const [name, value] of entries) {
      const bucket = next.at(name);
      if (!bucket.has(name)) size++;
      else if (bucket.get(name) === value) continue;
      next.change(name).set(name, value);
    }
    return next.isSame ? this : new SharingMap(next.buckets(), size);
  }

  /** The version without these names. The same map when it has none of them. */
  without(names: Iterable<string>): SharingMap<V> {
    const next = new NextVersion(this.buckets);
    let { size } = this;
    for (const name of names) {
      if (!next.at(name).has(name)) continue;
      next.change(name).delete(name);
      size--;
    }
    return next.isSame ? this : new SharingMap(next.buckets(), size);
  }

  /** What leads here from another map; values are told apart by identity. */
  changesSince(before: SharingMap<V>): MapChanges<V> {
    const set: (readonly [string, V])[] = [];
    const gone: string[] = [];
    for (const [i, bucket] of this.buckets.entries()) {
      const old = before.buckets[i] as Bucket<V>;
      if (old === bucket) continue;
      for (const entry of bucket) if (old.get(entry[0]) !== entry[1]) set.push(entry);
      for (const name of old.keys()) if (!bucket.has(name)) gone.push(name);
    }
    return { set, gone };
  }

  /**
   * What `derive` makes of parts of the map, in which every entry is once; parts without entries are passed over. What is in `known` is not made again: whoever
   * keeps it pays, after a change, for the parts that changed.
   */
  derived<R>(derive: (part: ReadonlyMap<string, V>) => R, known: WeakMap<object, R>): R[] {
    const all: R[] = [];
    for (const bucket of this.buckets) {
      if (bucket.size === 0) continue;
      const made = known.get(bucket) ?? derive(bucket);
      known.set(bucket, made);
      all.push(made);
    }
    return all;
  }

  *entries(): MapIterator<[string, V]> {
    for (const bucket of this.buckets) yield* bucket.entries();
  }

  *keys(): MapIterator<string> {
    for (const bucket of this.buckets) yield* bucket.keys();
  }

  *values(): MapIterator<V> {
    for (const bucket of this.buckets) yield* bucket.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(call: (value: V, name: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [name, value] of this.entries()) call(value, name, this);
  }
}

/** Buckets of a version that is being made. */
class NextVersion<V> {
  /** Those that are nobody else's yet. */
  readonly #own = new Map<number, Map<string, V>>();

  constructor(private readonly before: readonly Bucket<V>[]) {}

  /** The bucket that has, or would have, a name. */
  at(name: string): Bucket<V> {
    const i = bucketOf(name);
    return this.#own.get(i) ?? (this.before[i] as Bucket<V>);
  }

  /** The same, to be changed. */
  change(name: string): Map<string, V> {
    const i = bucketOf(name);
    const own = this.#own.get(i) ?? new Map(this.before[i]);
    this.#own.set(i, own);
    return own;
  }

  /** Whether nothing was changed. */
  get isSame(): boolean {
    return this.#own.size === 0;
  }

  buckets(): readonly Bucket<V>[] {
    return this.before.map((bucket, i) => this.#own.get(i) ?? bucket);
  }
}

function bucketOf(name: string): number {
  return stableHash(name) % BUCKETS;
}
