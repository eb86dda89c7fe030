/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "avoid.h"
#include "encap.h"
#include "insert.h"
#include "packet_too_big.h"
#include "redirect.h"
#include "select.h"

/* What a packet is counted in. */
struct counters {
	struct sxt_traffic *leg;
	struct sxt_traffic *list;
	struct sxt_traffic *next_hop;
};

/* Touches a counter before it is needed: while the packet gets its room, its memory comes near. */
static __always_inline struct sxt_traffic *traffic_find(void *map, __u32 index)
{
	struct sxt_traffic *traffic = bpf_map_lookup_elem(map, &index);

	if (traffic)
		(void)*(volatile __u64 *)&traffic->packets;
	return traffic;
}

static __always_inline void traffic_add(struct sxt_traffic *traffic, __u32 packets, __u32 bytes)
{
	traffic->packets += packets;
	traffic->byte_count += bytes;
}

static __noinline enum sxt_reason no_room(struct __sk_buff *skb, const struct sxt_policy *policy,
					  const struct sxt_list *list, __s64 room)
{
	__u32 fitting_bytes = list->mtu - list->header_bytes;

	if (room == ROOM_NONE)
		return SXT_ROOM_REFUSED;
	if (too_big_was_told(skb))
		return SXT_TOO_BIG_ROUTED;
	return packet_too_big(skb, fitting_bytes, policy->on_no_path == SXT_ON_NO_PATH_DROP);
}

#define FLOW_INSERTABLE (FLOW_TRUSTED | FLOW_FINISHES)

/* Why a list of inserted headers is not for this packet; STEERABLE when it is. */
static __always_inline enum sxt_reason insert_refused(const struct __sk_buff *skb,
						      const struct flow *flow)
{
	if (flow->key.family != FLOW_IPV6)
		return SXT_IPV4_INSERT;
	if (skb->ingress_ifindex)
		return SXT_FORWARDED_INSERT;
	if ((flow->flags & FLOW_INSERTABLE) == FLOW_INSERTABLE)
		return STEERABLE;
	return flow->flags & FLOW_TRUSTED ? SXT_UPPER_LAYER_INSERT : SXT_SOURCE_FOREIGN;
}

static __always_inline enum sxt_reason
list_apply(struct __sk_buff *skb, struct flow *flow, const struct sxt_policy *policy,
	   const struct sxt_list *list, const struct sxt_next_hop *next_hop, __u32 packet_bytes)
{
	enum sxt_reason reason, refused;
	bool is_other = next_hop_is_other(skb, list->next_hop, next_hop);
	__s64 room;

	if (list->encapsulation == SXT_INSERT) {
		refused = insert_refused(skb, flow);
		if (refused != STEERABLE)
			return refused;
	}
	if (is_other && !next_hop_exists(skb, next_hop))
		return SXT_UPLINK_MISSING;
	room = room_find(skb, flow, list, packet_bytes);
	if (room < 0)
		return no_room(skb, policy, list, room);
	if (list->encapsulation == SXT_INSERT)
		reason = insert(skb, flow, list, room);
	else
		reason = encap(skb, flow, list, room);
	if (!is_other || (reason != SXT_INSERTED && reason != SXT_ENCAPSULATED))
		return reason;
	next_hop_redirect(skb, list->next_hop, next_hop, list->first_segment);
	return reason == SXT_INSERTED ? SXT_INSERTED_REDIRECTED : SXT_ENCAPSULATED_REDIRECTED;
}

/* Puts the packet on the list that its policy gives it. */
static __always_inline enum sxt_reason steer(struct __sk_buff *skb, struct flow *flow)
{
	__u32 packets = skb->gso_segs > 1 ? skb->gso_segs : 1;
	__u32 bytes = skb->len - IP6_OFFSET;
	__u32 index = flow->policy;
	const struct sxt_policy *policy = bpf_map_lookup_elem(&policies, &index);
	const struct sxt_next_hop *next_hop;
	const struct sxt_list *list;
	enum sxt_reason reason;
	struct counters counters;
	const __u64 *stalled;
	__u32 list_index;
	choice chosen;

	if (!policy || !policy->key)
		return SXT_POLICY_MISSING;
	chosen = policy_select(policy, flow);
	if (!chosen)
		return policy->on_no_path == SXT_ON_NO_PATH_DROP ? SXT_NO_PATH_DROPPED
								 : SXT_NO_PATH_ROUTED;
	stalled = stalled_until_get();
	if (stalled && *stalled)
		chosen = stall_choose(skb, flow, policy, chosen);
	list_index = (__u32)chosen - 1;
	list = bpf_map_lookup_elem(&lists, &list_index);
	if (!list)
		return SXT_POLICY_MISSING;
	index = list->next_hop;
	next_hop = bpf_map_lookup_elem(&next_hops, &index);
	if (!next_hop)
		return SXT_UPLINK_MISSING;
	counters.leg = traffic_find(&leg_counters, chosen >> 32);
	counters.list = traffic_find(&list_counters, list_index);
	counters.next_hop = traffic_find(&next_hop_counters, index);
	if (!counters.leg || !counters.list || !counters.next_hop)
		return SXT_POLICY_MISSING;
	reason = list_apply(skb, flow, policy, list, next_hop, bytes);
	if (reason != SXT_INSERTED && reason != SXT_ENCAPSULATED &&
	    reason != SXT_INSERTED_REDIRECTED && reason != SXT_ENCAPSULATED_REDIRECTED)
		return reason;
	traffic_add(counters.leg, packets, bytes);
	traffic_add(counters.list, packets, bytes);
	traffic_add(counters.next_hop, packets, bytes);
	return reason;
}
