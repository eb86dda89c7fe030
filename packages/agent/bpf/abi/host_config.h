/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* The only entry of map host_config. The first field never moves: it says whether the rest can be
 * read. */
struct sxt_host_config {
	__u32 layout_version;
	/* Zero until the agent has configured the host. */
	__u32 probe_multiplier;
	/* Counts changes of what packets match: remembered decisions of another epoch are void. */
	__u32 epoch;
	__u32 pad;
	__u64 term;
	/* Of the host's network namespace: sockets of others are not looked at. */
	__u64 netns_cookie;
	__u8 node_sid[16];
	/* Where outer headers end. RFC 8986 section 4.8 (End.DT46). */
	__u8 decapsulation_sid[16];
};

_Static_assert(sizeof(struct sxt_host_config) == 64, "shared with user space");
