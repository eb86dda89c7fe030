/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/ip.h>
#include "ecn.h"
#include "locality.h"
#include "packet.h"

/* Messages of neighbour discovery: a hop limit of 255 is all that tells that they come from the
 * link. RFC 4861 section 11.2. */
#define ND_FIRST_TYPE 133
#define ND_LAST_TYPE  137

/* AF_INET */
#define AF_INET_NUMBER 2

/* A packet inside another. */
struct inner {
	/* From the start of the frame. */
	__u32 offset;
	/* Where the outer packet ends. */
	__u32 end;
	struct in6_addr source;
	struct in6_addr destination;
	__be16 ethertype;
	__u8 ecn;
};

/* Not 0/8, 127/8, 169.254/16, nor from 224.0.0.0 on. */
static __always_inline bool is_routable_ipv4(__be32 address)
{
	__u32 value = bpf_ntohl(address);
	__u8 first = value >> 24;

	return first && first != 127 && first < 224 && value >> 16 != 0xa9fe;
}

/* ::ffff:a.b.c.d, as maps hold IPv4. */
static __always_inline void address_map(struct in6_addr *to, __be32 address)
{
	__u32 *words = (void *)to;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = address;
}

/* The guard once more, for what comes out: its own options are the kernel's, but routing headers
 * and neighbour discovery have no business in a tunnel. SXT_DECAPSULATED when there is none. */
static __always_inline enum sxt_reason inner_check_headers(struct __sk_buff *skb, __u32 offset,
							   __u8 next_header)
{
	struct cursor at = {.offset = offset + sizeof(struct ipv6hdr), .next_header = next_header};
	__u8 type;

	switch (cursor_walk(skb, &at)) {
	case WALK_DONE:
		break;
	case WALK_TRUNCATED:
	case WALK_EXCEEDED:
		return SXT_INNER_MALFORMED;
	}
	if (at.next_header == IPPROTO_ROUTING)
		return SXT_INNER_ROUTED;
	if (at.fragment == FRAGMENT_LATER || at.next_header != IPPROTO_ICMPV6 ||
	    bpf_skb_load_bytes(skb, at.offset, &type, sizeof(type)))
		return SXT_DECAPSULATED;
	return type >= ND_FIRST_TYPE && type <= ND_LAST_TYPE ? SXT_INNER_SCOPE_REFUSED
							     : SXT_DECAPSULATED;
}

static __noinline enum sxt_reason inner_read_ipv6(struct __sk_buff *skb, struct inner *inner)
{
	struct ipv6hdr ip6;

	if (bpf_skb_load_bytes(skb, inner->offset, &ip6, sizeof(ip6)) || ip6.version != 6 ||
	    inner->offset + sizeof(ip6) + bpf_ntohs(ip6.payload_len) > inner->end)
		return SXT_INNER_MALFORMED;
	inner->source = ip6.saddr;
	inner->destination = ip6.daddr;
	inner->ethertype = bpf_htons(ETH_P_IPV6);
	inner->ecn = ip6.flow_lbl[0] >> 4 & ECN_MASK;
	if (!is_routable(&ip6.saddr) || !is_routable(&ip6.daddr))
		return SXT_INNER_SCOPE_REFUSED;
	return inner_check_headers(skb, inner->offset, ip6.nexthdr);
}

static __noinline enum sxt_reason inner_read_ipv4(struct __sk_buff *skb, struct inner *inner)
{
	struct iphdr ip4;
	__u32 bytes;

	if (bpf_skb_load_bytes(skb, inner->offset, &ip4, sizeof(ip4)) || ip4.version != 4)
		return SXT_INNER_MALFORMED;
	bytes = bpf_ntohs(ip4.tot_len);
	if (ip4.ihl < 5 || bytes < ip4.ihl * 4u || inner->offset + bytes > inner->end)
		return SXT_INNER_MALFORMED;
	address_map(&inner->source, ip4.saddr);
	address_map(&inner->destination, ip4.daddr);
	inner->ethertype = bpf_htons(ETH_P_IP);
	inner->ecn = ip4.tos & ECN_MASK;
	return is_routable_ipv4(ip4.saddr) && is_routable_ipv4(ip4.daddr) ? SXT_DECAPSULATED
									  : SXT_INNER_SCOPE_REFUSED;
}

/*
 * Whether the kernel would send it back where it came from, or onto a segment list of its own: a
 * host brings packets to itself and to what is behind it, it is no transit for the domain.
 */
static __noinline bool inner_turns_back(struct __sk_buff *skb, const struct inner *inner)
{
	struct bpf_fib_lookup lookup = {.ifindex = skb->ifindex};
	long result;

	if (is_decapsulation_sid(&inner->destination))
		return true;
	if (inner->ethertype == bpf_htons(ETH_P_IP)) {
		lookup.family = AF_INET_NUMBER;
		lookup.ipv4_src = ((const __be32 *)&inner->source)[3];
		lookup.ipv4_dst = ((const __be32 *)&inner->destination)[3];
	} else {
		lookup.family = AF_INET6_NUMBER;
		address_copy(lookup.ipv6_src, &inner->source);
		address_copy(lookup.ipv6_dst, &inner->destination);
	}
	result = bpf_fib_lookup(skb, &lookup, sizeof(lookup), 0);
	if (result == BPF_FIB_LKUP_RET_UNSUPP_LWT)
		return true;
	return (result == BPF_FIB_LKUP_RET_SUCCESS || result == BPF_FIB_LKUP_RET_NO_NEIGH ||
		result == BPF_FIB_LKUP_RET_FRAG_NEEDED) &&
	       lookup.ifindex == skb->ifindex;
}
