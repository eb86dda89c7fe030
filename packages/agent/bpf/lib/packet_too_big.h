/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "message.h"
#include "packet.h"
#include "rate_limit.h"

/*
 * A packet that does not fit its list with the header: its sender learns what fits, from the uplink
 * as from a router behind it. The packet itself goes on unsteered, as a clone that the programs of
 * the uplink see anew; what was the packet becomes the message and enters the host through the
 * uplink. A socket of this host, a workload behind it or a router further back gets it the way it
 * gets every such message.
 */

/* In tc_index of the clone on its way through this program; nobody else can put it there. */
#define TOLD_MARK 0x5354

/* Whether this is a packet whose sender has just been told; it is so only once. */
static __always_inline bool too_big_was_told(struct __sk_buff *skb)
{
	if (skb->tc_index != TOLD_MARK)
		return false;
	skb->tc_index = 0;
	return true;
}

/* Sends the packet out as it is. False when it is still here. */
static __always_inline bool send_unsteered(struct __sk_buff *skb)
{
	long result;

	skb->tc_index = TOLD_MARK;
	result = bpf_clone_redirect(skb, skb->ifindex, 0);
	skb->tc_index = 0;
	return result >= 0;
}

/* An error is never sent about an error (RFC 4443 section 2.4 (e)), and is in vain where nothing
 * smaller can be sent: any IPv6 link carries 1280 bytes. */
static __always_inline bool can_be_told6(struct __sk_buff *skb)
{
	__u8 next_header, type;

	if (skb->len - IP6_OFFSET <= IP6_MTU_MIN ||
	    bpf_skb_load_bytes(skb, IP6_FIELD(nexthdr), &next_header, sizeof(next_header)))
		return false;
	if (next_header != IPPROTO_ICMPV6)
		return true;
	return !bpf_skb_load_bytes(skb, IP6_END_OFFSET, &type, sizeof(type)) &&
	       type >= ICMP6_FIRST_QUERY;
}

/*
 * Without "don't fragment" a sender elsewhere expects no such error (RFC 1812 section 5.2.7.1);
 * this host's own sockets take it as the size to cut the next packet to, and where the packet is
 * lost anybody should know. A later fragment tells nobody whose it was (RFC 1122 section 3.2.2).
 */
static __always_inline bool can_be_told4(struct __sk_buff *skb, bool is_lost)
{
	struct iphdr ip4;
	__u8 type;

	if (skb->len - IP6_OFFSET < QUOTE4_BYTES_MAX ||
	    bpf_skb_load_bytes(skb, IP6_OFFSET, &ip4, sizeof(ip4)))
		return false;
	if (ip4.frag_off & bpf_htons(IPV4_OFFSET_MASK))
		return false;
	if (!(ip4.frag_off & bpf_htons(IP4_DONT_FRAGMENT)) && skb->ingress_ifindex && !is_lost)
		return false;
	if (ip4.protocol != IPPROTO_ICMP)
		return true;
	/* Echo and its answer are the only ones of this size that are no errors. */
	return !bpf_skb_load_bytes(skb, IP6_OFFSET + ip4.ihl * 4, &type, sizeof(type)) &&
	       (type == 0 || type == 8);
}

/* The packet becomes Packet Too Big. Its source is where the packet was going: that is a route
 * through this uplink, whichever address the host has. */
static __always_inline bool become_too_big6(struct __sk_buff *skb, struct message *message,
					    __u32 fitting_bytes)
{
	__u32 mtu = fitting_bytes > IP6_MTU_MIN ? fitting_bytes : IP6_MTU_MIN;
	const struct ipv6hdr *ip6 = (void *)message->quote;
	struct icmp6_front *front = &message->front;

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, message->quote, QUOTE6_BYTES_MAX))
		return false;
	*(__be32 *)front = bpf_htonl(6u << 28);
	front->ip6.payload_len = bpf_htons(sizeof(front->icmp) + QUOTE6_BYTES_MAX);
	front->ip6.nexthdr = IPPROTO_ICMPV6;
	front->ip6.hop_limit = ICMP_HOP_LIMIT;
	address_copy(&front->ip6.saddr, &ip6->daddr);
	address_copy(&front->ip6.daddr, &ip6->saddr);
	front->icmp.type = ICMP6_TOO_BIG;
	front->icmp.code = 0;
	front->icmp.rest = bpf_htonl(mtu);
	icmp6_front_finish(front, quote_room_sum(message->quote, QUOTE6_BYTES_MAX));
	return frame_replace(skb, IP6_MTU_MIN) &&
	       !bpf_skb_store_bytes(skb, IP6_OFFSET, message, IP6_MTU_MIN, 0);
}

/* The packet becomes Destination Unreachable, fragmentation needed. RFC 1191 section 4. */
static __always_inline bool become_too_big4(struct __sk_buff *skb, struct message *message,
					    __u32 fitting_bytes)
{
	const struct iphdr *ip4 = (void *)message->quote;
	struct icmp4_front *front = &message->front4;

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, message->quote, QUOTE4_BYTES_MAX))
		return false;
	*front = (struct icmp4_front){
	    .ip4 = {.version = 4,
		    .ihl = sizeof(front->ip4) / 4,
		    .tos = ICMP4_SERVICE,
		    .tot_len = bpf_htons(IP4_ERROR_BYTES_MAX),
		    .frag_off = bpf_htons(IP4_DONT_FRAGMENT),
		    .ttl = ICMP_HOP_LIMIT,
		    .protocol = IPPROTO_ICMP,
		    .saddr = ip4->daddr,
		    .daddr = ip4->saddr},
	    .icmp = {.type = ICMP4_UNREACHABLE,
		     .code = ICMP4_CODE_FRAGMENTATION,
		     .rest = bpf_htonl(fitting_bytes)},
	};
	icmp4_front_finish(front, quote_room_sum(message->quote, QUOTE4_BYTES_MAX));
	return frame_replace(skb, IP4_ERROR_BYTES_MAX) &&
	       !bpf_skb_store_bytes(skb, IP6_OFFSET, (void *)message + FRONT4_GAP,
				    IP4_ERROR_BYTES_MAX, 0);
}

/* The packet becomes the message that enters through this uplink. */
static __always_inline bool become_too_big(struct __sk_buff *skb, bool ipv6, __u32 fitting_bytes)
{
	__u32 zero = 0;
	struct message *message = bpf_map_lookup_elem(&message_rooms, &zero);

	if (!message)
		return false;
	return (ipv6 ? become_too_big6(skb, message, fitting_bytes)
		     : become_too_big4(skb, message, fitting_bytes)) &&
	       frame_turn_round(skb);
}

/*
 * The exit of a packet of which only `fitting_bytes` (IP bytes, without the list's header) would
 * fit. A message that comes about is redirected; the packet goes on unsteered, or is lost where the
 * policy wants that.
 */
static __noinline enum sxt_reason packet_too_big(struct __sk_buff *skb, __u32 fitting_bytes,
						 bool is_lost)
{
	bool ipv6 = skb->protocol == bpf_htons(ETH_P_IPV6);

	if (!(ipv6 ? can_be_told6(skb) : can_be_told4(skb, is_lost)))
		return is_lost ? SXT_TOO_BIG_DROPPED : SXT_TOO_BIG_UNTOLD;
	if (!rate_limit_take(LIMITED_TOO_BIG))
		return is_lost ? SXT_TOO_BIG_DROPPED : SXT_TOO_BIG_RATE_LIMITED;
	if (!is_lost && !send_unsteered(skb))
		return SXT_TOO_BIG_UNTOLD;
	if (!become_too_big(skb, ipv6, fitting_bytes))
		return SXT_TOO_BIG_MESSAGE_FAILED;
	bpf_redirect(skb->ifindex, BPF_F_INGRESS);
	return is_lost ? SXT_TOO_BIG_DROPPED_TOLD : SXT_TOO_BIG_TOLD;
}
