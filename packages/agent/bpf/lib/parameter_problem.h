/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "icmp.h"
#include "inner.h"
#include "rate_limit.h"
#include "srh.h"

/* RFC 4443 section 3.4, RFC 8754 section 10.3. */
#define ICMP6_PARAMETER_PROBLEM 4
#define PROBLEM_HEADER_FIELD	0
#define PROBLEM_SR_UPPER_LAYER	4
#define PACKET_TO_HOST		0

/* The message is no longer than the smallest MTU of IPv6. RFC 4443 section 3.4. */
#define QUOTED_BYTES_MAX (1280 - (__u32)sizeof(struct icmp6_front))
/* Longest input of bpf_csum_diff() on every kernel. */
#define SUMMED_AT_ONCE	 512
#define QUOTE_ROOM_BYTES (3 * SUMMED_AT_ONCE)
/* Frame bytes that go when the packet makes room for its answer: all that a device may still have
 * to sum up. */
#define DISCARDED_BYTES 2048

/* What is wrong, for the sender. */
struct problem {
	/* Octet that is at fault, counted from the IPv6 header. */
	__u32 pointer;
	__u8 code;
};

struct message {
	struct icmp6_front front;
	__u8 quote[QUOTE_ROOM_BYTES];
};

/* Room to put a message together. Each program's own: not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct message);
	__uint(max_entries, 1);
} message_rooms SEC(".maps");

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

/* Sum of the quote; the room behind it is zero to the next word. */
static __always_inline __u64 quote_room_sum(const __u8 *quote, __u32 bytes)
{
	__u64 sum = 0;

	for (__u32 at = 0; at < QUOTE_ROOM_BYTES; at += SUMMED_AT_ONCE) {
		__u32 rest = bytes - at;

		if (at >= bytes)
			break;
		rest = rest > SUMMED_AT_ONCE ? SUMMED_AT_ONCE : (rest + 3) & ~3u;
		sum += (__u32)bpf_csum_diff(NULL, 0, (void *)(quote + at), rest, 0);
	}
	return sum;
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

/* Lets go of all bytes behind the Ethernet header and makes room for `bytes`. What the device was
 * asked to sum up goes with them: the kernel notices when the start of that has been taken away. */
static __always_inline bool frame_replace(struct __sk_buff *skb, __u32 bytes)
{
	__u32 kept = IP6_OFFSET + sizeof(struct icmp6_front);

	return !bpf_skb_change_tail(skb, kept + DISCARDED_BYTES, 0) &&
	       !bpf_skb_adjust_room(skb, -DISCARDED_BYTES, BPF_ADJ_ROOM_MAC, 0) &&
	       !bpf_skb_change_tail(skb, IP6_OFFSET + bytes, 0);
}

/* The packet goes back to the neighbour that brought it. */
static __always_inline bool frame_turn_round(struct __sk_buff *skb)
{
	__u8 addresses[2][ETH_ALEN];

	return !bpf_skb_load_bytes(skb, 0, addresses, sizeof(addresses)) &&
	       !bpf_skb_store_bytes(skb, 0, addresses[1], ETH_ALEN, 0) &&
	       !bpf_skb_store_bytes(skb, ETH_ALEN, addresses[0], ETH_ALEN, 0);
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

	if (!message || !may_be_answered(skb, ip6) || !rate_limit_take(MESSAGE_PARAMETER_PROBLEM))
		return false;
	if (bytes > QUOTED_BYTES_MAX)
		bytes = QUOTED_BYTES_MAX;
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
