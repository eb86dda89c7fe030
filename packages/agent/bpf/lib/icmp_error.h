/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "changed.h"
#include "decapsulate.h"
#include "icmp.h"
#include "message.h"

/*
 * Errors of routers about packets that this host changed. They quote the packet as it was on the
 * wire; sockets know it as they sent it. The header comes out of the quote and off the MTU (RFC
 * 8754 section 5.4, RFC 2473 section 8); whom the error is for, the stack finds out and judges by
 * itself. Nothing is learnt here.
 */

#define IP4_MTU_MIN 68

/* Bytes of the quoted packet from the length of the outer one; errors may have 8 units of it (RFC
 * 4884). */
static __always_inline void front_shorten(struct icmp6_front *front, __u32 bytes)
{
	__u8 *quote_units = (__u8 *)&front->icmp.rest;
	__u32 mtu = bpf_ntohl(front->icmp.rest);

	front->ip6.payload_len = bpf_htons(bpf_ntohs(front->ip6.payload_len) - bytes);
	if (front->icmp.type == ICMP6_TOO_BIG) {
		mtu = mtu > bytes + IP6_MTU_MIN ? mtu - bytes : IP6_MTU_MIN;
		front->icmp.rest = bpf_htonl(mtu);
	} else if (*quote_units >= bytes / 8) {
		*quote_units -= bytes / 8;
	}
}

/* Sum of the unchanged rest of a right message, from that of its changed part: together they are
 * nothing. */
static __always_inline bool rest_sum(struct __sk_buff *skb, const struct changed *changed,
				     __u32 changed_bytes, __u64 *sum)
{
	__u64 gone = icmp6_pseudo_sum(&changed->front.ip6) +
		     sum_words(&changed->front.icmp, sizeof(changed->front.icmp));

	if (!packet_sum(skb, QUOTE_OFFSET, changed_bytes, &gone))
		return false;
	*sum = sum_negate(gone);
	return true;
}

/* Takes `bytes` out behind the Ethernet header; the stack is to check the message itself. */
static __always_inline bool front_replace(struct __sk_buff *skb, __u32 bytes, __u64 flags,
					  const void *front, __u32 front_bytes)
{
	return !bpf_skb_adjust_room(skb, -(__s32)bytes, BPF_ADJ_ROOM_MAC, flags) &&
	       !bpf_skb_store_bytes(skb, IP6_OFFSET, front, front_bytes, BPF_F_RECOMPUTE_CSUM);
}

/* An inserted SRH: the packet goes where its last segment says. */
static __noinline enum sxt_reason error_restore_inserted(struct __sk_buff *skb,
							 struct changed *changed)
{
	struct icmp6_front *front = &changed->front;
	__u8 options[MAX_OPTION_BYTES] = {};
	__u32 option_bytes = changed->option_bytes;
	__u64 sum;

	if (option_bytes > sizeof(options) ||
	    (option_bytes && bpf_skb_load_bytes(skb, QUOTE_REST, options, option_bytes)) ||
	    !rest_sum(skb, changed, sizeof(changed->quoted) + option_bytes + changed->srh_bytes,
		      &sum))
		return SXT_INGRESS_PLAIN;
	front_shorten(front, changed->srh_bytes);
	changed->quoted.daddr = changed->last_segment;
	changed->quoted.payload_len =
	    bpf_htons(bpf_ntohs(changed->quoted.payload_len) - changed->srh_bytes);
	if (option_bytes)
		options[0] = changed->next_header;
	else
		changed->quoted.nexthdr = changed->next_header;
	icmp6_front_finish(front, sum + sum_words(&changed->quoted, sizeof(changed->quoted)) +
				      sum_words(options, sizeof(options)));
	if (!front_replace(skb, changed->srh_bytes, 0, changed,
			   sizeof(*front) + sizeof(changed->quoted)))
		return SXT_INGRESS_WRITE_FAILED;
	if (option_bytes &&
	    bpf_skb_store_bytes(skb, QUOTE_REST, options, option_bytes, BPF_F_RECOMPUTE_CSUM))
		return SXT_INGRESS_WRITE_FAILED;
	return SXT_ERROR_RESTORED;
}

/* An outer header around IPv6: the error is for the source of the inner packet. */
static __noinline enum sxt_reason error_restore_ipv6(struct __sk_buff *skb, struct changed *changed)
{
	__u32 bytes = sizeof(changed->quoted) + changed->srh_bytes;
	struct icmp6_front *front = &changed->front;
	struct ipv6hdr inner;
	__u64 sum;

	if (!quote_reaches(skb, changed, bytes + sizeof(inner) + QUOTE_UPPER_MIN) ||
	    bpf_skb_load_bytes(skb, QUOTE_OFFSET + bytes, &inner, sizeof(inner)) ||
	    inner.version != 6 || !is_steered(&inner.daddr, 0) ||
	    !rest_sum(skb, changed, bytes, &sum))
		return SXT_INGRESS_PLAIN;
	front_shorten(front, bytes);
	front->ip6.daddr = inner.saddr;
	icmp6_front_finish(front, sum);
	return front_replace(skb, bytes, 0, front, sizeof(*front)) ? SXT_ERROR_RESTORED
								   : SXT_INGRESS_WRITE_FAILED;
}

/* The same in ICMP of IPv4; RFC 7915 section 5.2. */
static __always_inline void icmp4_translate(struct icmp_header *icmp4,
					    const struct icmp_header *icmp6, __u32 bytes)
{
	__u32 mtu = bpf_ntohl(icmp6->rest);

	icmp4->rest = 0;
	switch (icmp6->type) {
	case ICMP6_TOO_BIG:
		icmp4->type = ICMP4_UNREACHABLE;
		icmp4->code = ICMP4_CODE_FRAGMENTATION;
		mtu = mtu > bytes + IP4_MTU_MIN ? mtu - bytes : IP4_MTU_MIN;
		icmp4->rest = bpf_htonl(mtu > 0xffff ? 0xffff : mtu);
		return;
	case ICMP6_TIME_EXCEEDED:
		icmp4->type = ICMP4_TIME_EXCEEDED;
		icmp4->code = icmp6->code;
		return;
	default:
		icmp4->type = ICMP4_UNREACHABLE;
		icmp4->code =
		    icmp6->code == ICMP6_CODE_PROHIBITED ? ICMP4_CODE_PROHIBITED : ICMP4_CODE_HOST;
	}
}

/* An outer header around IPv4: the router has no address there, so the error comes from the
 * packet's destination. */
static __noinline enum sxt_reason error_restore_ipv4(struct __sk_buff *skb, struct changed *changed)
{
	__u32 bytes = sizeof(changed->quoted) + changed->srh_bytes;
	const __be16 ethertype = bpf_htons(ETH_P_IP);
	struct icmp4_front front = {};
	struct in6_addr destination;
	struct iphdr inner;
	__u32 quote_bytes =
	    bpf_ntohs(changed->front.ip6.payload_len) - sizeof(changed->front.icmp) - bytes;
	__u64 sum;

	if (!quote_reaches(skb, changed, bytes + sizeof(inner) + QUOTE_UPPER_MIN) ||
	    bpf_skb_load_bytes(skb, QUOTE_OFFSET + bytes, &inner, sizeof(inner)) ||
	    inner.version != 4 || inner.ihl < 5)
		return SXT_INGRESS_PLAIN;
	address_map(&destination, inner.daddr);
	if (!is_steered(&destination, MAPPED_LENGTH) || !rest_sum(skb, changed, bytes, &sum))
		return SXT_INGRESS_PLAIN;
	front.ip4.version = 4;
	front.ip4.ihl = sizeof(front.ip4) / 4;
	front.ip4.tos = ICMP4_SERVICE;
	front.ip4.tot_len = bpf_htons(sizeof(front) + quote_bytes);
	front.ip4.frag_off = bpf_htons(IP4_DONT_FRAGMENT);
	front.ip4.ttl = ICMP_HOP_LIMIT;
	front.ip4.protocol = IPPROTO_ICMP;
	front.ip4.saddr = inner.daddr;
	front.ip4.daddr = inner.saddr;
	icmp4_translate(&front.icmp, &changed->front.icmp, bytes);
	icmp4_front_finish(&front, sum);
	if (!front_replace(skb, sizeof(changed->front) + bytes - sizeof(front),
			   ADJ_ROOM_DECAP_L3_IPV4, &front, sizeof(front)) ||
	    bpf_skb_store_bytes(skb, offsetof(struct ethhdr, h_proto), &ethertype,
				sizeof(ethertype), 0))
		return SXT_INGRESS_WRITE_FAILED;
	return SXT_ERROR_RESTORED;
}

/* Whether an ICMPv6 message at the usual place is an error that a sender can do something about, or
 * wants to see. */
static __always_inline bool is_sender_error(struct __sk_buff *skb)
{
	__u8 type;

	return !bpf_skb_load_bytes(skb, IP6_END_OFFSET, &type, sizeof(type)) &&
	       type >= ICMP6_UNREACHABLE && type <= ICMP6_TIME_EXCEEDED;
}

/* SXT_ERROR_RESTORED, or SXT_INGRESS_PLAIN for what is not about a packet of ours and stays
 * untouched. */
static __noinline enum sxt_reason error_restore(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct changed *changed = bpf_map_lookup_elem(&changed_rooms, &zero);
	enum sxt_reason reason = SXT_INGRESS_PLAIN;

	if (!changed || !changed_read(skb, changed))
		return SXT_INGRESS_PLAIN;
	if (!changed->option_bytes && changed->next_header == IPPROTO_IPV6)
		reason = error_restore_ipv6(skb, changed);
	if (!changed->option_bytes && changed->next_header == IPPROTO_IPIP)
		reason = error_restore_ipv4(skb, changed);
	if (reason == SXT_INGRESS_PLAIN && changed->srh_bytes &&
	    is_steered(&changed->last_segment, 0))
		reason = error_restore_inserted(skb, changed);
	return reason;
}
