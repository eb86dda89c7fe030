/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include "limits.h"

enum sxt_on_no_path {
	SXT_ON_NO_PATH_ROUTE,
	SXT_ON_NO_PATH_DROP,
};

struct sxt_policy {
	/* Index of its counters. */
	__u32 slot;
	__u8 candidate_count;
	/* enum sxt_on_no_path */
	__u8 on_no_path;
	__u8 pad[2];
	/* List keys in falling preference. */
	__u64 candidates[SXT_MAX_CANDIDATES];
};

_Static_assert(sizeof(struct sxt_policy) == 8 + 8 * SXT_MAX_CANDIDATES, "shared with user space");
