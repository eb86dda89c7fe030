/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include "limits.h"

/* Key of the longest-prefix maps. */
struct sxt_prefix {
	__u32 length;
	__u8 address[16];
};

_Static_assert(sizeof(struct sxt_prefix) == 20, "shared with user space");

/* One row: which packets to a prefix follow which policy. Zero means any, except for ports. */
struct sxt_match {
	__u64 policy;
	__u64 cgroup_id;
	/* Host byte order, inclusive. */
	__u16 first_port;
	__u16 last_port;
	__u8 has_ports;
	__u8 protocol;
	__u8 cgroup_level;
	__u8 pad;
};

_Static_assert(sizeof(struct sxt_match) == 24, "shared with user space");

struct sxt_destination {
	__u32 row_count;
	__u32 pad;
	struct sxt_match rows[SXT_MAX_ROWS];
};

_Static_assert(sizeof(struct sxt_destination) == 8 + 24 * SXT_MAX_ROWS, "shared with user space");
