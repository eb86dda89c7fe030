/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* Key of `senders`: inner sources (mapped like destinations) that an outer source may bring. The
 * length counts all 128 bits of the sender and then those of the inner prefix. */
struct sxt_sender {
	__u32 length;
	__u8 sender[16];
	__u8 inner[16];
};

_Static_assert(sizeof(struct sxt_sender) == 36, "shared with user space");
