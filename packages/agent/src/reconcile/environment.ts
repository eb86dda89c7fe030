import type { DesiredMatch, IpAddress, Sid, SigningKey } from "@sextant/model";
import type { KernelRule, NextHop } from "./data-plane";
import type { EntryReason } from "./held-entry";

/** Where packets to a segment leave the host, and the MTU of that uplink in bytes. */
export interface UplinkRoute {
  readonly nextHop: NextHop;
  readonly mtu: number;
}

/** Why something that an entry names is not there: what its state says. */
export interface Missing {
  readonly kind: "missing";
  readonly reason: EntryReason;
  /** Sentence for people, which names what is missing. */
  readonly message: string;
}

/** Something that an entry names, as this host knows it. */
export type Looked<T> = { readonly kind: "found"; readonly value: T } | Missing;

/** Kernel identity of a cgroup: its inode number and its depth below the hierarchy's root. */
export type CgroupId = NonNullable<KernelRule["cgroup"]>;
/** Kernel identity of a program's file. */
export type ExecutableId = NonNullable<KernelRule["executable"]>;
/** What of a match leads to a cgroup. */
export type CgroupSelector = Pick<DesiredMatch, "cgroup" | "systemdUnit" | "container">;

/** Addresses of a DNS name; `stale` says why they could not be renewed. */
export interface ResolvedName {
  readonly addresses: readonly IpAddress[];
  readonly stale: string | undefined;
}

/** What desired state means on this host right now: looked up before compiling, so that compiling is pure. */
export interface Environment {
  /** Undefined while no uplink has a route to the segment. */
  readonly routeTo: (segment: Sid) => UplinkRoute | undefined;
  /** The one cgroup that all given parts of the selector mean; at least one is given. */
  readonly cgroupOf: (selector: CgroupSelector) => Looked<CgroupId>;
  /** Number of a user, given by name or number. */
  readonly uidOf: (user: string) => Looked<number>;
  readonly executableOf: (path: string) => Looked<ExecutableId>;
  readonly addressesOf: (name: string) => Looked<ResolvedName>;
  readonly signingKey: (id: number) => Looked<SigningKey>;
}

/** Something that is there. */
export function found<T>(value: T): Looked<T> {
  return { kind: "found", value };
}

/** Something that is not there. */
export function missing(reason: EntryReason, message: string): Missing {
  return { kind: "missing", reason, message };
}
