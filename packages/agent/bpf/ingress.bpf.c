// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * tcx ingress of an uplink: the guard. Segment routing headers come from the SR domain and for this
 * host, or not at all; outer headers that end here come off.
 *
 *   SRH? -> trusted source, for this host, well-formed
 *           -> segments left: ours to turn round
 *           -> finished here: our probe | strip | decapsulate
 *   no SRH, for the decapsulation SID? -> trusted source -> decapsulate
 *   plain, or plain again -> a SYN, an error about a packet of ours
 */
#include "lib/arrival.h"
#include "lib/guard.h"
#include "lib/locality.h"
#include "lib/maps.h"
#include "lib/packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline enum sxt_reason ingress(struct __sk_buff *skb)
{
	const struct ipv6hdr *ip6;
	struct cursor at;
	enum walk walk;
	bool for_us;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		return arrived_ipv4(skb);
	if (skb->protocol != bpf_htons(ETH_P_IPV6))
		return SXT_INGRESS_NOT_IP;
	ip6 = ip6_get(skb);
	if (!ip6)
		return SXT_INGRESS_MALFORMED;
	for_us = is_decapsulation_sid(&ip6->daddr);
	at = cursor_after_ip6(ip6);
	walk = cursor_walk(skb, &at);
	if (walk != WALK_DONE)
		return walk_reason(walk);
	if (at.next_header == IPPROTO_ROUTING && at.fragment != FRAGMENT_LATER)
		return routed(skb, &at);
	return for_us ? unrouted(skb, &at) : arrived_ipv6(skb, &at);
}

SEC("tc")
int sextant_ingress(struct __sk_buff *skb)
{
	enum sxt_reason reason;

	reason_expect(SXT_INGRESS_PLAIN);
	reason = ingress(skb);
	if (reason == SXT_SRH_STRIPPED || reason == SXT_DECAPSULATED)
		reason = arrived_inside(skb, reason);
	reason_count(reason);
	switch (reason) {
	case SXT_INGRESS_NOT_IP:
	case SXT_INGRESS_PLAIN:
	case SXT_SEGMENTS_LOWERED:
	case SXT_ERROR_RESTORED:
	case SXT_TURNED_ROUND:
	case SXT_SRH_STRIPPED:
	case SXT_DECAPSULATED:
		return TC_ACT_UNSPEC;
	case SXT_SRH_TYPE_ANSWERED:
	case SXT_SRH_MALFORMED_ANSWERED:
	case SXT_UPPER_LAYER_ANSWERED:
		return TC_ACT_REDIRECT;
	default:
		return TC_ACT_SHOT;
	}
}
