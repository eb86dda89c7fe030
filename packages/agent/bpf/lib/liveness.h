/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"

/* Unanswered probes that make a list dead; 0 before the host is configured: none does. */
static __always_inline __u64 probe_multiplier(void)
{
	const struct sxt_host_config *config = host_config_get();

	return config ? config->probe_multiplier : 0;
}

static __always_inline bool list_is_alive(__u32 list, __u64 multiplier)
{
	const struct sxt_list_state *state = bpf_map_lookup_elem(&list_states, &list);

	return state && (!multiplier || state->sent - state->returned < multiplier);
}
