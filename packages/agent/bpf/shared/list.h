/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include "limits.h"

/* A segment list as user space writes it; BPF only reads. What BPF writes is in the two arrays
 * below, at index `slot`. */
struct sxt_list {
	__u32 slot;
	__u32 ifindex;
	__u64 nonce;
	/* The gateway, or the first segment where that is on the link. */
	__u8 next_hop[16];
	__u8 first_segment[16];
	__u16 srh_bytes;
	__u8 has_gateway;
	__u8 pad[5];
	/* Ready to be copied: only Next Header and Segment List[0] are the packet's own. */
	__u8 srh[SXT_SRH_MAX_BYTES];
};

_Static_assert(sizeof(struct sxt_list) == 56 + SXT_SRH_MAX_BYTES, "shared with user space");

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
