/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "icmp.h"
#include "maps.h"
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

/* IPv6: an error is as long as it may be everywhere (RFC 4443 section 3.2). IPv4: RFC 1812
 * section 4.3.2.3. */
#define QUOTE6_BYTES (1280 - (__u32)sizeof(struct icmp6_front))
#define QUOTE4_BYTES (576 - (__u32)sizeof(struct icmp4_front))
#define IP6_MTU_MIN  1280

/* Longest run that bpf_csum_diff takes on every kernel. */
#define SUM_RUN_BYTES 256

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

	if (skb->len - IP6_OFFSET < QUOTE4_BYTES ||
	    bpf_skb_load_bytes(skb, IP6_OFFSET, &ip4, sizeof(ip4)))
		return false;
	if (ip4.frag_off & bpf_htons(IP4_OFFSET_MASK))
		return false;
	if (!(ip4.frag_off & bpf_htons(IP4_DONT_FRAGMENT)) && skb->ingress_ifindex && !is_lost)
		return false;
	if (ip4.protocol != IPPROTO_ICMP)
		return true;
	/* Echo and its answer are the only ones of this size that are no errors. */
	return !bpf_skb_load_bytes(skb, IP6_OFFSET + ip4.ihl * 4, &type, sizeof(type)) &&
	       (type == 0 || type == 8);
}

/* Sum of the quote, a constant number of bytes, each run a constant too. False when it is not in
 * the packet. */
static __always_inline bool quote_sum(struct __sk_buff *skb, __u32 bytes, __u64 *sum)
{
	const __u8 *quote = (void *)(long)skb->data + IP6_OFFSET;

	if ((void *)(quote + bytes) > (void *)(long)skb->data_end)
		return false;
#pragma clang loop unroll(full)
	for (__u32 done = 0; done < bytes; done += SUM_RUN_BYTES) {
		__u32 left = bytes - done;

		*sum += (__u32)bpf_csum_diff(NULL, 0, (__be32 *)(quote + done),
					     left < SUM_RUN_BYTES ? left : SUM_RUN_BYTES, 0);
	}
	return true;
}

/*
 * Where the checksum of the quoted packet was left to the device, the message is still to have it
 * filled in: over what is now in front of it, at the same place. No program can call that off. So
 * the quote gets the one value that filling in does not change, half the negated sum of the rest,
 * and the message's own checksum stays right.
 */
static __always_inline bool quote_settle_checksum(struct __sk_buff *skb, __u32 ip_bytes,
						  __u8 protocol, __u64 *sum)
{
	__u32 at = IP6_OFFSET + ip_bytes + (protocol == IPPROTO_TCP ? 16 : 6);
	__u32 ip[10];
	__u64 rest = *sum;
	__u16 before, settled;
	__u32 half;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return true;
	if (bpf_skb_load_bytes(skb, at, &before, sizeof(before)) ||
	    bpf_skb_load_bytes(skb, IP6_OFFSET, ip, ip_bytes))
		return false;
	if (!before)
		return true; /* UDP without a checksum: RFC 768 */
	rest += sum_negate(before) + sum_negate(sum_words(ip, ip_bytes));
	half = sum_negate(rest);
	half = half & 1 ? (half + 0xffff) / 2 : half / 2;
	settled = half ? half : 0xffff;
	*sum += sum_negate(before) + settled;
	return !bpf_skb_store_bytes(skb, at, &settled, sizeof(settled), 0);
}

/* Opens the room for the front of the message and turns the frame's direction round. */
static __always_inline bool front_put(struct __sk_buff *skb, const void *front, __u32 bytes)
{
	__u8 addresses[2 * ETH_ALEN], swapped[2 * ETH_ALEN];

	if (bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_load_bytes(skb, 0, addresses, sizeof(addresses)))
		return false;
	__builtin_memcpy(swapped, addresses + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(swapped + ETH_ALEN, addresses, ETH_ALEN);
	return !bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0) &&
	       !bpf_skb_store_bytes(skb, IP6_OFFSET, front, bytes, 0);
}

/* The packet becomes Packet Too Big. Its source is where the packet was going: that is a route
 * through this uplink, whichever address the host has. */
static __always_inline bool become_too_big6(struct __sk_buff *skb, __u32 fitting_bytes)
{
	__u32 mtu = fitting_bytes > IP6_MTU_MIN ? fitting_bytes : IP6_MTU_MIN;
	struct icmp6_front front = {};
	struct ipv6hdr ip6;
	__u64 sum = 0;

	if (bpf_skb_change_tail(skb, IP6_OFFSET + QUOTE6_BYTES, 0) ||
	    bpf_skb_load_bytes(skb, IP6_OFFSET, &ip6, sizeof(ip6)) ||
	    !quote_sum(skb, QUOTE6_BYTES, &sum) ||
	    !quote_settle_checksum(skb, sizeof(ip6), ip6.nexthdr, &sum))
		return false;
	front.ip6.version = 6;
	front.ip6.payload_len = bpf_htons(sizeof(front.icmp) + QUOTE6_BYTES);
	front.ip6.nexthdr = IPPROTO_ICMPV6;
	front.ip6.hop_limit = ICMP_HOP_LIMIT;
	address_copy(&front.ip6.saddr, &ip6.daddr);
	address_copy(&front.ip6.daddr, &ip6.saddr);
	front.icmp.type = ICMP6_TOO_BIG;
	front.icmp.rest = bpf_htonl(mtu);
	icmp6_front_finish(&front, sum);
	return front_put(skb, &front, sizeof(front));
}

/* The packet becomes Destination Unreachable, fragmentation needed. RFC 1191 section 4. */
static __always_inline bool become_too_big4(struct __sk_buff *skb, __u32 fitting_bytes)
{
	struct icmp4_front front = {};
	struct iphdr ip4;
	__u64 sum = 0;

	if (bpf_skb_change_tail(skb, IP6_OFFSET + QUOTE4_BYTES, 0) ||
	    bpf_skb_load_bytes(skb, IP6_OFFSET, &ip4, sizeof(ip4)) ||
	    !quote_sum(skb, QUOTE4_BYTES, &sum))
		return false;
	/* Fragments have theirs filled in, and options are not worth finding it behind them. */
	if (ip4.ihl == 5 && !(ip4.frag_off & bpf_htons(~IP4_DONT_FRAGMENT)) &&
	    !quote_settle_checksum(skb, sizeof(ip4), ip4.protocol, &sum))
		return false;
	front.ip4.version = 4;
	front.ip4.ihl = sizeof(ip4) / 4;
	front.ip4.tos = ICMP4_SERVICE;
	front.ip4.tot_len = bpf_htons(sizeof(front) + QUOTE4_BYTES);
	front.ip4.frag_off = bpf_htons(IP4_DONT_FRAGMENT);
	front.ip4.ttl = ICMP_HOP_LIMIT;
	front.ip4.protocol = IPPROTO_ICMP;
	front.ip4.saddr = ip4.daddr;
	front.ip4.daddr = ip4.saddr;
	front.icmp.type = ICMP4_UNREACHABLE;
	front.icmp.code = ICMP4_CODE_FRAGMENTATION;
	front.icmp.rest = bpf_htonl(fitting_bytes);
	icmp4_front_finish(&front, sum);
	return front_put(skb, &front, sizeof(front));
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
	if (!rate_limit_take(MESSAGE_TOO_BIG))
		return is_lost ? SXT_TOO_BIG_DROPPED : SXT_TOO_BIG_RATE_LIMITED;
	if (!is_lost && !send_unsteered(skb))
		return SXT_TOO_BIG_UNTOLD;
	if (!(ipv6 ? become_too_big6(skb, fitting_bytes) : become_too_big4(skb, fitting_bytes)))
		return SXT_TOO_BIG_MESSAGE_FAILED;
	bpf_redirect(skb->ifindex, BPF_F_INGRESS);
	return is_lost ? SXT_TOO_BIG_DROPPED_TOLD : SXT_TOO_BIG_TOLD;
}
