/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stddef.h>
#include "maps.h"
#include "packet.h"

/* The oldest and shortest form of a tunnel key that the kernel accepts. */
#define TUNNEL_KEY_BYTES offsetof(struct bpf_tunnel_key, remote_ipv6[1])

/* What a destination address of Ethernet is of the frame's first eight bytes. */
#define ETH_DESTINATION 0x0000ffffffffffffULL

/*
 * The Ethernet address of each next hop, with its tag in the upper 16 bits: learnt from what was
 * redirected there. It saves packets whose own neighbour is that one from being redirected too.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SXT_MAX_NEXT_HOPS);
} neighbours SEC(".maps");

/* A frame's neighbour as `neighbours` knows it. */
static __always_inline __u64 neighbour_of(const struct __sk_buff *skb,
					  const struct sxt_next_hop *next_hop)
{
	const void *frame = (void *)(long)skb->data;

	if (frame + sizeof(__u64) > (void *)(long)skb->data_end)
		return 0;
	return (*(const __u64 *)frame & ETH_DESTINATION) | (__u64)next_hop->tag << 48;
}

/* Whether the packet would leave through another interface, or to another neighbour on it. */
static __always_inline bool next_hop_is_other(const struct __sk_buff *skb, __u32 index,
					      const struct sxt_next_hop *next_hop)
{
	const __u64 *known;

	if (next_hop->ifindex != skb->ifindex)
		return true;
	if (!next_hop->tag)
		return false;
	known = bpf_map_lookup_elem(&neighbours, &index);
	return !known || *known != neighbour_of(skb, next_hop);
}

/* Whether the interface is still there: a packet redirected to none would vanish uncounted. */
static __noinline bool next_hop_exists(struct __sk_buff *skb, const struct sxt_next_hop *next_hop)
{
	__u32 mtu = 0;

	return bpf_check_mtu(skb, next_hop->ifindex, &mtu, 0, 0) >= 0;
}

/*
 * Leaves through interface and gateway of the next hop. The neighbour may have to be resolved
 * first, and the kernel sends a packet that waited for that by the packet's route: still the
 * original one. So the packet forgets its route: tunnel metadata takes its place, which a device
 * that is no tunnel ignores, and which tells the program that it has had this packet before. A VLAN
 * tag is of the original link.
 */
static __noinline void next_hop_redirect(struct __sk_buff *skb, __u32 index,
					 const struct sxt_next_hop *next_hop,
					 const void *first_segment)
{
	struct bpf_redir_neigh neighbour = {.nh_family = AF_INET6_NUMBER};
	struct bpf_tunnel_key no_tunnel = {.tunnel_id = index + 1};

	address_copy(neighbour.ipv6_nh, next_hop->has_gateway ? next_hop->gateway : first_segment);
	if (skb->vlan_present && next_hop->ifindex != skb->ifindex)
		bpf_skb_vlan_pop(skb);
	bpf_skb_set_tunnel_key(skb, &no_tunnel, TUNNEL_KEY_BYTES, 0);
	bpf_redirect_neigh(next_hop->ifindex, &neighbour, sizeof(neighbour), 0);
}

/* Whether this is a packet that the program has redirected; it now has the neighbour of its next
 * hop. */
static __noinline bool is_redirected(struct __sk_buff *skb)
{
	const struct sxt_next_hop *next_hop;
	struct bpf_tunnel_key key;
	__u64 *known;
	__u32 index;

	if (bpf_skb_get_tunnel_key(skb, &key, TUNNEL_KEY_BYTES, 0))
		return false;
	index = key.tunnel_id - 1;
	next_hop = bpf_map_lookup_elem(&next_hops, &index);
	known = bpf_map_lookup_elem(&neighbours, &index);
	if (next_hop && known && next_hop->ifindex == skb->ifindex)
		*known = neighbour_of(skb, next_hop);
	return true;
}
