import type { IpAddress } from "@sextant/model";

/** What rules may ask of the socket that a packet comes from. */
export interface TracedSocket {
  /** Kernel ids of its cgroup and all that are around it: index is the depth below the hierarchy's root, the root itself is 0. */
  readonly cgroups: readonly bigint[];
  readonly uid: number | undefined;
  /** File that the socket's creator runs; device as the kernel numbers it inside (major << 20 | minor). */
  readonly executable: { readonly device: number; readonly inode: bigint } | undefined;
}

/** A packet as far as the egress program looks at it. */
export interface TracedPacket {
  /** Of the same family as the destination. */
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  /** Undefined where the protocol has no ports, and in later fragments. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly dscp: number;
  /** IP bytes, header included. */
  readonly bytes: number;
  /** Undefined where nothing is known of a socket: rules that ask for one do not match. */
  readonly socket: TracedSocket | undefined;
  /** The host did not send it but passes it on. */
  readonly forwarded: boolean;
}
