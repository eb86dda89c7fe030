/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* Key of the longest-prefix maps. IPv4 is ::ffff:a.b.c.d, its prefix lengths 96 to 128. */
struct sxt_prefix {
	__u32 length;
	__u8 address[16];
};

_Static_assert(sizeof(struct sxt_prefix) == 20, "shared with user space");

/* What is known of a destination prefix. */
struct sxt_destination {
	/* Index + 1 of its best rule in `rules`; those of shorter prefixes around it compete by
	 * rank. */
	__u32 first_rule;
	/* Length of the prefix itself: the next shorter one around it is found with one bit less.
	 */
	__u32 length;
	/* IP bytes of the largest packet to here that still fits after any header of any rule; 0:
	 * no bound. */
	__u32 packet_bytes_max;
	__u32 pad;
};

_Static_assert(sizeof(struct sxt_destination) == 16, "shared with user space");
