/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/ip.h>
#include "icmp_error.h"
#include "inner.h"
#include "maps.h"
#include "mss.h"
#include "packet.h"

/*
 * What this host's stack gets to see as if no headers were put on its packets: segment sizes and
 * errors. Asked for every packet that arrives, so that most pay for one look at a byte.
 */

#define TCP_FLAGS_OFFSET(ip_bytes) (IP6_OFFSET + (ip_bytes) + TCP_FLAGS_AT)

/*
 * SXT_SEGMENTS_LOWERED, or SXT_INGRESS_PLAIN, for a SYN whose TCP header is at `offset`. Not
 * static, here and below: the verifier looks at such a function once, not along every way that
 * leads to it.
 */
__noinline enum sxt_reason sextant_syn_arrived(struct __sk_buff *skb, __u32 offset)
{
	struct in6_addr source;
	__u32 ip_bytes = sizeof(struct ipv6hdr);
	__be32 source4;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		ip_bytes = sizeof(struct iphdr);
		if (bpf_skb_load_bytes(skb, IP6_OFFSET + offsetof(struct iphdr, saddr), &source4,
				       sizeof(source4)))
			return SXT_INGRESS_PLAIN;
		address_map(&source, source4);
	} else if (bpf_skb_load_bytes(skb, IP6_FIELD(saddr), &source, sizeof(source))) {
		return SXT_INGRESS_PLAIN;
	}
	return mss_lower(skb, offset, (const __u32 *)&source, ip_bytes) ? SXT_SEGMENTS_LOWERED
									: SXT_INGRESS_PLAIN;
}

/* An ICMPv6 error at the usual place. */
__noinline enum sxt_reason sextant_error_arrived(struct __sk_buff *skb)
{
	return error_restore(skb);
}

/* Without options in front, where the flags are is known, and they need no call. */
static __always_inline bool is_syn(struct __sk_buff *skb, __u32 offset, __u32 usual_ip_bytes)
{
	const __u8 *flags;

	/* The compiler would keep the ends of the packet as numbers, which the verifier does not
	 * take. */
	barrier();
	flags = (void *)(long)skb->data + TCP_FLAGS_OFFSET(usual_ip_bytes);
	if (offset != IP6_OFFSET + usual_ip_bytes ||
	    (void *)(flags + 1) > (void *)(long)skb->data_end)
		return tcp_is_syn(skb, offset);
	return *flags & TCP_SYN;
}

/* An IPv6 packet without a header of ours, whose upper layer is at `at`. */
static __always_inline enum sxt_reason arrived_ipv6(struct __sk_buff *skb, const struct cursor *at)
{
	if (at->fragment == FRAGMENT_LATER)
		return SXT_INGRESS_PLAIN;
	if (at->next_header == IPPROTO_TCP && is_syn(skb, at->offset, sizeof(struct ipv6hdr)))
		return sextant_syn_arrived(skb, at->offset);
	if (at->next_header == IPPROTO_ICMPV6 && at->offset == IP6_END_OFFSET &&
	    is_sender_error(skb))
		return sextant_error_arrived(skb);
	return SXT_INGRESS_PLAIN;
}

/* An IPv4 packet. Errors about packets of ours never come as such: the outer header is IPv6. */
static __always_inline enum sxt_reason arrived_ipv4(struct __sk_buff *skb)
{
	const struct iphdr *ip4 = (void *)(long)skb->data + IP6_OFFSET;
	__u32 offset;

	if ((void *)(ip4 + 1) > (void *)(long)skb->data_end) {
		if (bpf_skb_pull_data(skb, IP6_OFFSET + sizeof(*ip4)))
			return SXT_INGRESS_PLAIN;
		ip4 = (void *)(long)skb->data + IP6_OFFSET;
		if ((void *)(ip4 + 1) > (void *)(long)skb->data_end)
			return SXT_INGRESS_PLAIN;
	}
	if (ip4->protocol != IPPROTO_TCP || ip4->frag_off & bpf_htons(IPV4_OFFSET_MASK))
		return SXT_INGRESS_PLAIN;
	offset = IP6_OFFSET + ip4->ihl * 4;
	return is_syn(skb, offset, sizeof(*ip4)) ? sextant_syn_arrived(skb, offset)
						 : SXT_INGRESS_PLAIN;
}

/* A packet whose header of ours has just come off: `reason` says how, and stays unless the packet
 * is spoilt. */
static __noinline enum sxt_reason arrived_inside(struct __sk_buff *skb, enum sxt_reason reason)
{
	const struct ipv6hdr *ip6;
	enum sxt_reason result = SXT_INGRESS_PLAIN;
	struct cursor at;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		result = arrived_ipv4(skb);
	} else {
		ip6 = ip6_get(skb);
		if (!ip6)
			return reason;
		at = cursor_after_ip6(ip6);
		if (cursor_walk(skb, &at) == WALK_DONE)
			result = arrived_ipv6(skb, &at);
	}
	return result == SXT_INGRESS_WRITE_FAILED ? result : reason;
}
