/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stddef.h>
#include "maps.h"
#include "packet.h"

/* The oldest and shortest form of a tunnel key that the kernel accepts. */
#define TUNNEL_KEY_BYTES offsetof(struct bpf_tunnel_key, remote_ipv6[1])

/*
 * Leaves through the uplink and gateway of the list. The neighbour may have to be resolved first,
 * and the kernel sends a packet that waited for that by the packet's route: still the original one,
 * on another link. So the packet forgets its route: tunnel metadata takes its place, which a device
 * that is no tunnel ignores.
 */
static __always_inline void list_redirect(struct __sk_buff *skb, const struct sxt_list *list)
{
	struct bpf_redir_neigh next_hop = {.nh_family = AF_INET6_NUMBER};
	struct bpf_tunnel_key no_tunnel = {};

	address_copy(next_hop.ipv6_nh, list->next_hop);
	bpf_skb_set_tunnel_key(skb, &no_tunnel, TUNNEL_KEY_BYTES, 0);
	bpf_redirect_neigh(list->ifindex, &next_hop, sizeof(next_hop), 0);
}
