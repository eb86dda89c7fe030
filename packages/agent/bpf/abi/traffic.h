/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* Steered traffic of a list or policy, per CPU. Segments of a GSO packet count each; bytes are
 * those of IP without the SRH. */
struct sxt_traffic {
	__u64 packets;
	__u64 byte_count;
};

_Static_assert(sizeof(struct sxt_traffic) == 16, "shared with user space");
