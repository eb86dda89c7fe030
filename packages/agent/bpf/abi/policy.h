/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include "limits.h"

enum sxt_on_no_path {
	SXT_ON_NO_PATH_ROUTE,
	SXT_ON_NO_PATH_DROP,
};

/* What shares the lists of a candidate. */
enum sxt_spread {
	/* A flow stays on its list while that is alive. */
	SXT_SPREAD_FLOW,
	/* A flow may change lists after a pause. */
	SXT_SPREAD_FLOWLET,
	SXT_SPREAD_PACKET,
};

/* Set in sxt_candidate.target when it names a group. */
#define SXT_TARGET_GROUP 0x80000000u

struct sxt_candidate {
	/* Index + 1 in `lists`, or in `groups` with SXT_TARGET_GROUP; 0: nothing usable. */
	__u32 target;
	/* Index in `leg_counters`. */
	__u32 leg;
};

struct sxt_policy {
	/* Hash of its name; 0 where the slot is free. */
	__u64 key;
	/* enum sxt_on_no_path */
	__u8 on_no_path;
	/* enum sxt_spread */
	__u8 spread;
	__u8 candidate_count;
	__u8 pad;
	__u32 flowlet_gap_us;
	/* In falling preference. */
	struct sxt_candidate candidates[SXT_MAX_CANDIDATES];
};

_Static_assert(sizeof(struct sxt_policy) == 16 + 8 * SXT_MAX_CANDIDATES, "shared with user space");

struct sxt_group_list {
	/* Index + 1 in `lists`. */
	__u32 list;
	/* Its share is weight / sum of weights (RFC 9256 section 2.11). At least 1, at most 0xffff.
	 */
	__u32 weight;
	/* Sum of all weights up to this one, scaled so that the last is 0xffffffff. */
	__u32 threshold;
	__u32 pad;
};

/* The weighted lists of a candidate that has several. */
struct sxt_group {
	__u32 count;
	__u32 pad;
	struct sxt_group_list lists[SXT_MAX_GROUP_LISTS];
};

_Static_assert(sizeof(struct sxt_group) == 8 + 16 * SXT_MAX_GROUP_LISTS, "shared with user space");
