/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* The only entry of map host_config. The first field never moves: it says whether the rest can be
 * read. */
struct sxt_host_config {
	__u32 layout_version;
	/* Zero until the agent has configured the host. */
	__u32 probe_multiplier;
	__u8 node_sid[16];
	__u64 term;
};

_Static_assert(sizeof(struct sxt_host_config) == 32, "shared with user space");
