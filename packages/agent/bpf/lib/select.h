/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"

/* Dead: more probes went out unanswered than the host tolerates. Never before the host is
 * configured. */
static __always_inline bool list_is_alive(const struct sxt_list *list, __u64 multiplier)
{
	const struct sxt_list_state *state = bpf_map_lookup_elem(&list_states, &list->slot);

	return state && (!multiplier || state->sent - state->returned < multiplier);
}

/* The first candidate that exists and is not dead, or NULL. RFC 9256 section 2.9. */
static __always_inline const struct sxt_list *policy_select(const struct sxt_policy *policy)
{
	const struct sxt_host_config *config = host_config_get();
	__u64 multiplier = config ? config->probe_multiplier : 0;

	for (__u32 i = 0; i < SXT_MAX_CANDIDATES; i++) {
		const struct sxt_list *list;

		if (i >= policy->candidate_count)
			break;
		list = bpf_map_lookup_elem(&lists, &policy->candidates[i]);
		if (list && list_is_alive(list, multiplier))
			return list;
	}
	return NULL;
}

static __always_inline void traffic_count(void *counters, const __u32 *slot, __u32 packets,
					  __u32 bytes)
{
	struct sxt_traffic *traffic = bpf_map_lookup_elem(counters, slot);

	if (traffic) {
		traffic->packets += packets;
		traffic->byte_count += bytes;
	}
}
