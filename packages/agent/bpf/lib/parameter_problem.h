/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/icmpv6.h>
#include "inner.h"
#include "rate_limit.h"
#include "srh.h"
#include "upper_layer.h"

/* RFC 4443 section 3.4, RFC 8754 section 10.3. */
#define PARAMETER_PROBLEM_TYPE 4
#define PROBLEM_HEADER_FIELD   0
#define PROBLEM_SR_UPPER_LAYER 4
#define FIRST_ICMP_QUESTION    128
#define ANSWER_HOP_LIMIT       64
#define PACKET_TO_HOST	       0

/* The message is no longer than the smallest MTU of IPv6. RFC 4443 section 3.4. */
#define QUOTED_BYTES_MAX (1280 - (__u32)sizeof(struct answer))
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

struct answer {
	struct ipv6hdr ip6;
	__u8 type;
	__u8 code;
	__sum16 checksum;
	__be32 pointer;
};

/* Room to hold a packet while its message is put together. Each program's own: not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u8[QUOTE_ROOM_BYTES]);
	__uint(max_entries, 1);
} quotes SEC(".maps");

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
	return at.next_header == UPPER_ICMPV6 &&
	       !bpf_skb_load_bytes(skb, at.offset, &type, sizeof(type)) &&
	       type < FIRST_ICMP_QUESTION;
}

/* RFC 4443 section 2.4 (e); and nobody waits for answers to what this host has sent itself, around
 * a loop. */
static __always_inline bool may_be_answered(struct __sk_buff *skb, const struct ipv6hdr *ip6)
{
	return skb->pkt_type == PACKET_TO_HOST && is_routable(&ip6->saddr) &&
	       !holds_icmp_error(skb, ip6) && !address_is_local(skb, &ip6->daddr, &ip6->saddr);
}

/* One's complement sum of a quote, the room behind which is zero to the next word. */
static __always_inline __s64 quote_sum(__u8 *quote, __u32 bytes, __s64 sum)
{
	for (__u32 at = 0; at < QUOTE_ROOM_BYTES; at += SUMMED_AT_ONCE) {
		__u32 rest = bytes - at;

		if (at >= bytes)
			break;
		rest = rest > SUMMED_AT_ONCE ? SUMMED_AT_ONCE : (rest + 3) & ~3u;
		sum = bpf_csum_diff(NULL, 0, (void *)(quote + at), rest, sum);
	}
	return sum;
}

static __always_inline __sum16 sum_fold(__s64 sum)
{
	__u32 folded = (__u32)sum;

	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return ~folded;
}

/* From the address that the packet was for, to its source. RFC 4443 section 2.2 (a). */
static __always_inline void answer_write(struct answer *answer, const struct ipv6hdr *ip6,
					 const struct problem *problem, __u8 *quote, __u32 bytes)
{
	__be32 pseudo[2] = {bpf_htonl(sizeof(*answer) - sizeof(*ip6) + bytes),
			    bpf_htonl(UPPER_ICMPV6)};
	__s64 sum;

	*answer = (struct answer){
	    .ip6 = {.version = 6,
		    .payload_len = bpf_htons(sizeof(*answer) - sizeof(*ip6) + bytes),
		    .nexthdr = UPPER_ICMPV6,
		    .hop_limit = ANSWER_HOP_LIMIT,
		    .saddr = ip6->daddr,
		    .daddr = ip6->saddr},
	    .type = PARAMETER_PROBLEM_TYPE,
	    .code = problem->code,
	    .pointer = bpf_htonl(problem->pointer),
	};
	sum = bpf_csum_diff(NULL, 0, (void *)&answer->ip6.saddr, 32, 0);
	sum = bpf_csum_diff(NULL, 0, (void *)&answer->type, 8, sum);
	sum = bpf_csum_diff(NULL, 0, pseudo, sizeof(pseudo), sum);
	answer->checksum = sum_fold(quote_sum(quote, bytes, sum));
}

/* Lets go of all bytes behind the Ethernet header and makes room for `bytes`. What the device was
 * asked to sum up goes with them: the kernel notices when the start of that has been taken away. */
static __always_inline bool frame_replace(struct __sk_buff *skb, __u32 bytes)
{
	__u32 kept = IP6_OFFSET + sizeof(struct answer);

	return !bpf_skb_change_tail(skb, kept + DISCARDED_BYTES, 0) &&
	       !bpf_skb_adjust_room(skb, -DISCARDED_BYTES, BPF_ADJ_ROOM_MAC, 0) &&
	       !bpf_skb_change_tail(skb, IP6_OFFSET + bytes, 0);
}

/* The packet goes back to the neighbour that brought it. */
static __always_inline bool frame_turn_round(struct __sk_buff *skb)
{
	struct ethhdr ethernet, turned;

	if (bpf_skb_load_bytes(skb, 0, &ethernet, sizeof(ethernet)))
		return false;
	turned = ethernet;
	__builtin_memcpy(turned.h_dest, ethernet.h_source, ETH_ALEN);
	__builtin_memcpy(turned.h_source, ethernet.h_dest, ETH_ALEN);
	return !bpf_skb_store_bytes(skb, 0, &turned, sizeof(turned), 0);
}

/*
 * Turns the packet into a Parameter Problem for its sender and sends it back over the link that it
 * came from. False when it is not to be answered, or cannot be.
 */
static __noinline bool parameter_problem(struct __sk_buff *skb, const struct ipv6hdr *ip6,
					 const struct problem *problem)
{
	__u32 zero = 0, bytes = skb->len - IP6_OFFSET;
	struct answer answer;
	__u8 *quote;

	quote = bpf_map_lookup_elem(&quotes, &zero);
	if (!quote || !may_be_answered(skb, ip6) || !rate_limit_take(MESSAGE_PARAMETER_PROBLEM))
		return false;
	if (bytes > QUOTED_BYTES_MAX)
		bytes = QUOTED_BYTES_MAX;
	if (bytes < sizeof(*ip6) || bpf_skb_load_bytes(skb, IP6_OFFSET, quote, bytes))
		return false;
	*(__u32 *)(quote + bytes) = 0;
	answer_write(&answer, ip6, problem, quote, bytes);
	if (!frame_replace(skb, sizeof(answer) + bytes) ||
	    bpf_skb_store_bytes(skb, IP6_OFFSET, &answer, sizeof(answer), 0) ||
	    bpf_skb_store_bytes(skb, IP6_OFFSET + sizeof(answer), quote, bytes, 0))
		return false;
	return frame_turn_round(skb) && bpf_redirect(skb->ifindex, 0) == TC_ACT_REDIRECT;
}
