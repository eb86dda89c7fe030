/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* Whether SRHs of this source are accepted: what the far end asks on arrival, and so the near one
 * before it inserts. */
static __always_inline bool source_is_trusted(const struct in6_addr *source)
{
	struct sxt_prefix key = {.length = 128};

	address_copy(key.address, source);
	return bpf_map_lookup_elem(&domain_sources, &key) != NULL;
}
