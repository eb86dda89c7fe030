/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"

/*
 * What a list has to stand up to before it is used: unanswered probes that make it dead (0 before
 * the host is configured: none does), for lists without a multiplier of their own, and a flag.
 */
typedef __u64 list_demand;

/* Lists that are withheld will do: set when a policy has no other. */
#define LIST_WITHHELD_TOO (1ULL << 32)

/* Two lists (index + 1; 0: none) that will not do, whatever is known of them. */
#define LIST_AVOIDED_BITS  15
#define LIST_AVOIDED_MASK  ((1ULL << LIST_AVOIDED_BITS) - 1)
#define LIST_AVOIDED_SHIFT 33

_Static_assert(SXT_MAX_LISTS <= LIST_AVOIDED_MASK, "an index + 1 fits");

static __always_inline list_demand list_demand_avoiding(__u32 list, __u32 other)
{
	return ((list & LIST_AVOIDED_MASK) | (other & LIST_AVOIDED_MASK) << LIST_AVOIDED_BITS)
	       << LIST_AVOIDED_SHIFT;
}

static __always_inline bool list_is_avoided(__u32 index, list_demand demand)
{
	__u64 avoided = demand >> LIST_AVOIDED_SHIFT;

	return avoided && ((avoided & LIST_AVOIDED_MASK) == index + 1 ||
			   avoided >> LIST_AVOIDED_BITS == index + 1);
}

static __always_inline list_demand list_demand_of_host(void)
{
	const struct sxt_host_config *config = host_config_get();

	return config ? config->probe_multiplier : 0;
}

static __noinline bool list_meets_demand(const struct sxt_list *list, __u64 missing,
					 list_demand demand)
{
	__u64 multiplier = list->multiplier ? list->multiplier : (__u32)demand;

	if (list->withheld && !(demand & LIST_WITHHELD_TOO))
		return false;
	return !multiplier || missing < multiplier;
}

/* Alive and, unless they will do, not withheld. Most lists have nothing of their own to look at. */
static __always_inline bool list_is_usable(__u32 index, list_demand demand)
{
	const struct sxt_list_state *state = bpf_map_lookup_elem(&list_states, &index);
	const struct sxt_list *list = bpf_map_lookup_elem(&lists, &index);
	__u64 missing;

	if (!state || !list || list_is_avoided(index, demand))
		return false;
	missing = state->sent - state->returned;
	if (*(const __u16 *)&list->withheld)
		return list_meets_demand(list, missing, demand);
	return !(__u32)demand || missing < (__u32)demand;
}
