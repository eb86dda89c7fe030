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

/* Whether packets of this outer source may hold packets of that inner one (mapped when it is IPv4).
 */
static __always_inline bool sender_may_bring(const struct in6_addr *sender, const void *inner)
{
	struct sxt_sender key = {.length = 256};

	address_copy(key.sender, sender);
	address_copy(key.inner, inner);
	return bpf_map_lookup_elem(&senders, &key) != NULL;
}
