/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* Leaves through the uplink of the list; resolves the neighbour by itself. */
static __always_inline void list_redirect(const struct sxt_list *list)
{
	struct bpf_redir_neigh next_hop = {.nh_family = AF_INET6_NUMBER};

	address_copy(next_hop.ipv6_nh, list->next_hop);
	bpf_redirect_neigh(list->ifindex, &next_hop, sizeof(next_hop), 0);
}
