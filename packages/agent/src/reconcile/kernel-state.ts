import type { IpPrefix, Ipv6Prefix } from "@sextant/model";
import type {
  DataPlane,
  HostConfig,
  KernelDestination,
  KernelKey,
  KernelList,
  KernelPolicy,
  KernelSender,
} from "./data-plane";

/** Everything that the maps of one host hold, counters aside: what is there (actual) or should be (target). */
export interface KernelState {
  /** Undefined before the host knows its domain. */
  readonly config: HostConfig | undefined;
  readonly lists: ReadonlyMap<KernelKey, KernelList>;
  readonly policies: ReadonlyMap<KernelKey, KernelPolicy>;
  readonly destinations: ReadonlyMap<IpPrefix, KernelDestination>;
  readonly domainSources: ReadonlySet<Ipv6Prefix>;
  /** By `senderName`. */
  readonly senders: ReadonlyMap<string, KernelSender>;
}

/** A KernelState under construction or being followed write by write. */
export interface MutableKernelState extends KernelState {
  config: HostConfig | undefined;
  readonly lists: Map<KernelKey, KernelList>;
  readonly policies: Map<KernelKey, KernelPolicy>;
  readonly destinations: Map<IpPrefix, KernelDestination>;
  readonly domainSources: Set<Ipv6Prefix>;
  readonly senders: Map<string, KernelSender>;
}

/** Maps with nothing in them. */
export function emptyKernelState(): MutableKernelState {
  return {
    config: undefined,
    lists: new Map(),
    policies: new Map(),
    destinations: new Map(),
    domainSources: new Set(),
    senders: new Map(),
  };
}

/** Reads what the kernel holds now. */
export function readKernelState(plane: DataPlane): MutableKernelState {
  return {
    config: plane.config(),
    lists: plane.lists(),
    policies: plane.policies(),
    destinations: plane.destinations(),
    domainSources: plane.domainSources(),
    senders: new Map(plane.senders().map((sender) => [senderName(sender), sender])),
  };
}

/** Takes out of a state what another one does not have, whatever the values are. */
export function forgetAbsent(state: MutableKernelState, present: KernelState): void {
  const pairs: readonly (readonly [Map<unknown, unknown> | Set<unknown>, { has(key: unknown): boolean }])[] = [
    [state.lists, present.lists],
    [state.policies, present.policies],
    [state.destinations, present.destinations],
    [state.domainSources, present.domainSources],
    [state.senders, present.senders],
  ] as const;
  for (const [mine, theirs] of pairs) for (const key of mine.keys()) if (!theirs.has(key)) mine.delete(key);
}

/** True when both configurations say the same. */
export function sameConfig(a: HostConfig | undefined, b: HostConfig | undefined): boolean {
  return sameValue(a, b);
}

/** True when both lists put the same header on a packet, send it the same way and prove it by the same secret. */
export function sameList(a: KernelList | undefined, b: KernelList | undefined): boolean {
  return sameValue(a, b);
}

/** True when both policies choose alike. */
export function samePolicy(a: KernelPolicy | undefined, b: KernelPolicy | undefined): boolean {
  return sameValue(a, b);
}

/** True when both have the same rules, order included, and the same bound. */
export function sameDestination(a: KernelDestination | undefined, b: KernelDestination | undefined): boolean {
  return sameValue(a, b);
}

/** True when both let the same sender bring the same inner sources. */
export function sameSender(a: KernelSender | undefined, b: KernelSender | undefined): boolean {
  return sameValue(a, b);
}

/** Names a sender with its inner prefix: equal ones are equal text. */
export function senderName({ sender, inner }: KernelSender): string {
  return `${sender} ${inner}`;
}

/** Every list that a policy's candidates name. */
export function listsOfPolicy({ candidates }: KernelPolicy): KernelKey[] {
  return candidates.flatMap(({ lists }) => lists.map(({ list }) => list));
}

/** Structural equality of the plain values that make up kernel state; an absent field equals an undefined one. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return sameBytes(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const field in left) if (!sameValue(left[field], right[field])) return false;
  for (const field in right) if (right[field] !== undefined && !(field in left)) return false;
  return true;
}

function sameBytes(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}
