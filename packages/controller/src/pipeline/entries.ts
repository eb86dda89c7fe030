import {
  contentHash,
  type DesiredEntry,
  type DesiredList,
  type DesiredMatch,
  type DesiredPolicy,
  type EntryKey,
  type Intent,
  listKey,
  type Pin,
  type PolicyKey,
  policyKey,
  type Revised,
} from "@sextant/model";
import type { Pair } from "../compute/endpoints";
import { canonicalJson } from "./canonical-json";
import type { EncodeResult, ProbeLoops } from "./encode";

type EncodedList = Pick<Extract<EncodeResult, { kind: "encoded" }>, "list" | "loops" | "pin">;

/** A list as its host is to hold it, and where its probes go. */
export interface ListEntry extends Revised {
  readonly entry: DesiredList;
  readonly loops: ProbeLoops;
  /** How it was encoded: lists that are equal may come from either. */
  readonly pin: Pin;
}

/** A candidate of which stage encode has made what it could. */
interface EncodedCandidate {
  readonly path: { readonly preference: number };
  readonly lists: readonly { readonly encoded: EncodeResult }[];
}

/** A policy with its candidates, ready to be turned into entries. */
export interface EncodedPolicy {
  readonly pair: Pick<Pair, "endpoint" | "egress" | "direction">;
  readonly match: DesiredMatch;
  /** In falling preference; empty when there is no path. */
  readonly candidates: readonly EncodedCandidate[];
}

/** The entries that one policy adds to its host's desired state. */
export interface PolicyEntries {
  /** Name of the intent. */
  readonly intent: string;
  readonly key: PolicyKey;
  readonly policy: Revised & { readonly entry: DesiredPolicy };
  readonly lists: readonly ListEntry[];
  /** Host that takes the outer headers of these lists off; undefined when they have none. */
  readonly decapsulatedBy: string | undefined;
}

/**
 * Stage push, first part: a policy's entries. A policy without a path is pushed too, with no candidates: its packets then
 * get what `onNoPath` says, exactly as when all its paths are dead, instead of falling to an intent of lower priority.
 */
export function policyEntries(intent: Intent, encoded: EncodedPolicy): PolicyEntries {
  return new EntriesWhenAsked(intent, encoded);
}

type Made = Pick<PolicyEntries, "policy" | "lists">;

/** Puts the entries together and hashes them when somebody first asks: that is when a host comes for them, and many a plan gives way to another before. */
class EntriesWhenAsked implements PolicyEntries {
  readonly key: PolicyKey;
  readonly decapsulatedBy: string | undefined;
  #made: Made | undefined;

  constructor(
    private readonly asked: Intent,
    private readonly encoded: EncodedPolicy,
  ) {
    const { pair, candidates } = encoded;
    this.key = policyKey(asked.name, pair.endpoint, pair.direction);
    const hasOuter = candidates.some(({ lists }) => lists.some((each) => hasOuterHeader(each)));
    this.decapsulatedBy = hasOuter ? pair.egress : undefined;
  }

  get intent(): string {
    return this.asked.name;
  }

  get policy(): PolicyEntries["policy"] {
    return (this.#made ??= madeOf(this.asked, this.key, this.encoded)).policy;
  }

  get lists(): readonly ListEntry[] {
    return (this.#made ??= madeOf(this.asked, this.key, this.encoded)).lists;
  }
}

function hasOuterHeader({ encoded }: EncodedCandidate["lists"][number]): boolean {
  return encoded.kind === "encoded" && encoded.list.encapsulation !== "insert";
}

function madeOf(intent: Intent, key: PolicyKey, { pair, match, candidates: encoded }: EncodedPolicy): Made {
  const lists = new Map<EntryKey, ListEntry>();
  const candidates = encoded.flatMap(({ path: { preference }, lists: own }) => {
    const usable = own.flatMap((each) => (each.encoded.kind === "encoded" ? each.encoded : []));
    const weighted = usable.map((encodedList) => {
      const made = listEntry(encodedList);
      lists.set(made.entry.key, made);
      return { list: made.entry.key, weight: encodedList.list.weight };
    });
    return weighted.length === 0 ? [] : [{ lists: weighted, preference }];
  });
  // In the order of their names, as they are hashed.
  const entry: DesiredPolicy = {
    candidates,
    endpoint: pair.endpoint,
    generation: intent.generation,
    intent: intent.name,
    key,
    kind: "policy",
    match,
    onNoPath: intent.onNoPath,
    priority: intent.priority,
    spread: intent.multipath.spread,
  };
  return { policy: { revision: revisionOf(entry), entry }, lists: Array.from(lists.values()).slice() };
}

/** The entry of one list: the same content has the same key, whatever its weight. */
export function listEntry({ list, loops, pin }: EncodedList): ListEntry {
  const key = listKey(list);
  const { encapsulation, segments, probeSegments, alternateProbeSegments, signingKeyId } = list;
  // Hundreds of thousands are kept: an object that is written out is smaller than one that is spread.
  const kind = "list";
  const entry = { kind, key, encapsulation, segments, probeSegments, alternateProbeSegments, signingKeyId } as const;
  return { revision: key.slice("list/".length), entry, loops, pin };
}

/** Names the content of an entry: equal content has an equal revision on any machine. */
export function revisionOf(entry: DesiredEntry): string {
  return contentHash(canonicalJson(entry));
}
