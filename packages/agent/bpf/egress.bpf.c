// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * tcx egress of an uplink: what this host sends, onto the segment list of its policy.
 *
 *   IPv6? -> own routing header? (probe of ours: stamp) -> destination -> row -> policy -> first
 * alive list -> source of the domain? -> insert
 */
#include "lib/classify.h"
#include "lib/domain.h"
#include "lib/insert.h"
#include "lib/maps.h"
#include "lib/packet.h"
#include "lib/probe_send.h"
#include "lib/select.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* No exit yet: the one answer that is no reason, so it can never be counted as one. */
#define STEERABLE SXT_REASON_COUNT

/* The packet as rows see it. STEERABLE, or the reason why it is not. */
static __always_inline enum sxt_reason flow_read(struct __sk_buff *skb, const struct ipv6hdr *ip6,
						 struct flow *flow)
{
	struct cursor at = cursor_after_ip6(ip6);

	flow->payload_bytes = ip6->payload_len;
	flow->next_header = ip6->nexthdr;
	switch (cursor_walk(skb, &at)) {
	case WALK_DONE:
		break;
	case WALK_TRUNCATED:
		return SXT_EGRESS_MALFORMED;
	case WALK_EXCEEDED:
		return SXT_EGRESS_HEADERS_EXCEEDED;
	}
	if (at.next_header == IPPROTO_ROUTING && at.fragment != FRAGMENT_LATER)
		return SXT_ALREADY_ROUTED;
	flow->protocol = at.next_header;
	flow->upper_offset = at.offset;
	flow->has_port = false;
	if (at.fragment == FRAGMENT_LATER)
		return STEERABLE; /* no upper-layer header in sight */
	flow_read_port(skb, flow);
	return is_neighbour_discovery(skb, flow) ? SXT_NEIGHBOUR_DISCOVERY : STEERABLE;
}

static __always_inline enum sxt_reason steer(struct __sk_buff *skb, const struct flow *flow,
					     const struct in6_addr *source,
					     const struct sxt_policy *policy)
{
	__u32 packets = skb->gso_segs > 1 ? skb->gso_segs : 1;
	__u32 bytes = skb->len - IP6_OFFSET;
	const struct sxt_list *list = policy_select(policy);
	enum sxt_reason reason;

	if (!list)
		return policy->on_no_path == SXT_ON_NO_PATH_DROP ? SXT_NO_PATH_DROPPED
								 : SXT_NO_PATH_ROUTED;
	if (!source_is_trusted(source))
		return SXT_SOURCE_FOREIGN;
	reason = insert(skb, flow, list);
	if (reason != SXT_INSERTED)
		return reason;
	traffic_count(&policy_counters, &policy->slot, packets, bytes);
	traffic_count(&list_counters, &list->slot, packets, bytes);
	if (list->ifindex == skb->ifindex)
		return SXT_INSERTED;
	list_redirect(skb, list);
	return SXT_INSERTED_REDIRECTED;
}

static __always_inline enum sxt_reason egress(struct __sk_buff *skb)
{
	struct flow flow = {.destination.length = 128};
	const struct sxt_destination *destination;
	const struct sxt_policy *policy;
	const struct sxt_match *row;
	const struct ipv6hdr *ip6;
	enum sxt_reason reason;

	if (skb->protocol != bpf_htons(ETH_P_IPV6))
		return SXT_EGRESS_NOT_IPV6;
	ip6 = ip6_get(skb);
	if (!ip6)
		return SXT_EGRESS_MALFORMED;
	if (ip6->nexthdr == IPPROTO_ROUTING)
		return probe_send(skb);
	if (is_local_scope(&ip6->daddr))
		return SXT_LOCAL_SCOPE;
	address_copy(flow.destination.address, &ip6->daddr);
	destination = bpf_map_lookup_elem(&destinations, &flow.destination);
	if (!destination)
		return SXT_NO_MATCH;
	reason = flow_read(skb, ip6, &flow);
	if (reason != STEERABLE)
		return reason;
	row = classify(skb, destination, &flow);
	if (!row)
		return SXT_NO_MATCH;
	policy = bpf_map_lookup_elem(&policies, &row->policy);
	if (!policy)
		return SXT_POLICY_MISSING;
	return steer(skb, &flow, &ip6->saddr, policy);
}

SEC("tc")
int sextant_egress(struct __sk_buff *skb)
{
	enum sxt_reason reason = egress(skb);

	reason_count(reason);
	switch (reason) {
	case SXT_INSERTED_REDIRECTED:
	case SXT_PROBE_REDIRECTED:
		return TC_ACT_REDIRECT;
	case SXT_NO_PATH_DROPPED:
	case SXT_EGRESS_WRITE_FAILED:
		return TC_ACT_SHOT;
	default:
		return TC_ACT_UNSPEC;
	}
}
