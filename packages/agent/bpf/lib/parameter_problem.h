/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "icmp.h"
#include "inner.h"
#include "message.h"
#include "rate_limit.h"
#include "srh.h"

/* RFC 4443 section 3.4, RFC 8986 section 4.1.1. */
#define ICMP6_PARAMETER_PROBLEM 4
#define PROBLEM_HEADER_FIELD	0
#define PROBLEM_SR_UPPER_LAYER	4
#define PACKET_TO_HOST		0

/* What is wrong, for the sender. */
struct problem {
	/* Octet that is at fault, counted from the IPv6 header. */
	__u32 pointer;
	__u8 code;
};

/* Whether an ICMPv6 error comes behind all headers, routing header included. */
static __always_inline bool holds_icmp_error(struct __sk_buff *skb, const struct ipv6hdr *ip6)
{
	struct cursor at = cursor_after_ip6(ip6);
	struct srh_header routing;
	__u8 type;

	if (cursor_walk(skb, &at) != WALK_DONE)
		return false;
	if (at.next_header == IPPROTO_ROUTING) {
		if (bpf_skb_load_bytes(skb, at.offset, &routing, sizeof(routing)))
			return false;
		at.offset += srh_bytes(&routing);
		at.next_header = routing.next_header;
		if (cursor_walk(skb, &at) != WALK_DONE)
			return false;
	}
	return at.next_header == IPPROTO_ICMPV6 &&
	       !bpf_skb_load_bytes(skb, at.offset, &type, sizeof(type)) && type < ICMP6_FIRST_QUERY;
}

/* RFC 4443 section 2.4 (e); and nobody waits for answers to what this host has sent itself, around
 * a loop. */
static __always_inline bool may_be_answered(struct __sk_buff *skb, const struct ipv6hdr *ip6)
{
	return skb->pkt_type == PACKET_TO_HOST && is_routable(&ip6->saddr) &&
	       !holds_icmp_error(skb, ip6) && !address_is_local(skb, &ip6->daddr, &ip6->saddr);
}

/* From the address that the packet was for, to its source. RFC 4443 section 2.2 (a). */
static __always_inline void front_write(struct icmp6_front *front, const struct ipv6hdr *ip6,
					const struct problem *problem, __u32 quote_bytes)
{
	*(__be32 *)front = bpf_htonl(6u << 28); /* no traffic class, no flow label */
	front->ip6.payload_len = bpf_htons(sizeof(front->icmp) + quote_bytes);
	front->ip6.nexthdr = IPPROTO_ICMPV6;
	front->ip6.hop_limit = ICMP_HOP_LIMIT;
	address_copy(&front->ip6.saddr, &ip6->daddr);
	address_copy(&front->ip6.daddr, &ip6->saddr);
	front->icmp.type = ICMP6_PARAMETER_PROBLEM;
	front->icmp.code = problem->code;
	front->icmp.rest = bpf_htonl(problem->pointer);
}

/*
 * Turns the packet into a Parameter Problem for its sender and sends it back over the link that it
 * came from. False when it is not to be answered, or cannot be.
 */
static __noinline bool parameter_problem(struct __sk_buff *skb, const struct ipv6hdr *ip6,
					 const struct problem *problem)
{
	__u32 zero = 0, bytes = skb->len - IP6_OFFSET;
	struct message *message = bpf_map_lookup_elem(&message_rooms, &zero);

	if (!message || !may_be_answered(skb, ip6) || !rate_limit_take(LIMITED_PARAMETER_PROBLEM))
		return false;
	if (bytes > QUOTE6_BYTES_MAX)
		bytes = QUOTE6_BYTES_MAX;
	if (bytes < sizeof(*ip6) || bpf_skb_load_bytes(skb, IP6_OFFSET, message->quote, bytes))
		return false;
	*(__u32 *)(message->quote + bytes) = 0;
	front_write(&message->front, ip6, problem, bytes);
	icmp6_front_finish(&message->front, quote_room_sum(message->quote, bytes));
	bytes += sizeof(message->front);
	return frame_replace(skb, bytes) &&
	       !bpf_skb_store_bytes(skb, IP6_OFFSET, message, bytes, 0) && frame_turn_round(skb) &&
	       bpf_redirect(skb->ifindex, 0) == TC_ACT_REDIRECT;
}
