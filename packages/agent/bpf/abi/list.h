/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include "limits.h"

/* How a list goes onto a packet. */
enum sxt_encapsulation {
	/* An SRH behind the packet's own IPv6 header. RFC 8754. */
	SXT_INSERT,
	/* An outer IPv6 header, with an SRH unless one segment is all. RFC 8986 section 5. */
	SXT_ENCAP,
};

/* Why a list that may be alive is used only when its policy has no other. */
enum sxt_withheld {
	SXT_NOT_WITHHELD,
	/* It was dead a moment ago. */
	SXT_WITHHELD_HOLD_UP,
	SXT_WITHHELD_FLAPPING,
	SXT_WITHHELD_LOSS,
	SXT_WITHHELD_DELAY,
	/* The controller has found one of its links broken. */
	SXT_WITHHELD_LINK_DOWN,
};

/*
 * A segment list as user space writes it; BPF only reads. What BPF writes is in the arrays below,
 * at the same index. While a list is in use only `next_hop`, `mtu`, `withheld` and `multiplier`
 * change, each a word or byte of its own, so that no reader sees half a change.
 */
struct sxt_list {
	/* Hash of its content; 0 where the slot is free. */
	__u64 key;
	__u64 nonce;
	/* Index in `next_hops`. */
	__u32 next_hop;
	/* IP bytes of the largest packet that may leave on it, header included. */
	__u32 mtu;
	__u16 header_bytes;
	/* enum sxt_encapsulation */
	__u8 encapsulation;
	__u8 pad;
	/* enum sxt_withheld: any but 0 will do only as the last resort. Aligned with what follows:
	 * the packet path reads both at once. */
	__u8 withheld;
	/* Unanswered probes that make it dead; 0: the host's number. */
	__u8 multiplier;
	__u8 pad2[2];
	/* Destination address that the packet gets. */
	__u8 first_segment[16];
	/*
	 * Ready to be copied. Inserted: the SRH; Next Header and Segment List[0] are the packet's
	 * own. Encapsulated: IPv6 header and SRH; traffic class, flow label, payload length, hop
	 * limit and the last Next Header are the packet's own.
	 */
	__u8 header[SXT_HEADER_MAX_BYTES];
};

_Static_assert(sizeof(struct sxt_list) == 48 + SXT_HEADER_MAX_BYTES, "shared with user space");

/* Where lists leave the host. Never changes while a list names it. */
struct sxt_next_hop {
	__u32 ifindex;
	/* Without one the first segment is on the link. */
	__u16 has_gateway;
	/*
	 * With one: any number but 0, and another one than that of the next hop that had this index
	 * before. A packet that leaves on this interface anyway is asked whether its own neighbour
	 * is the gateway.
	 */
	__u16 tag;
	__u8 gateway[16];
};

_Static_assert(sizeof(struct sxt_next_hop) == 24, "shared with user space");

/* Liveness of a list: BPF alone writes it, with atomic operations. The list is dead when sent runs
 * too far ahead. */
struct sxt_list_state {
	__u64 sent;
	/* Highest sequence number that came back. */
	__u64 returned;
	__u64 returned_count;
	__u64 round_trip_ns;
};

_Static_assert(sizeof(struct sxt_list_state) == 32, "shared with user space");

/* Probe loops of a list: out the same way, back by one of two. */
#define SXT_LOOPS 2

/* The same of each loop by itself, in sequence numbers of its own. The packet path does not look at
 * it. */
struct sxt_list_loops {
	struct sxt_list_state loops[SXT_LOOPS];
};

_Static_assert(sizeof(struct sxt_list_loops) == 64, "shared with user space");
