/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/ip.h>
#include "flow_cache.h"
#include "fragments.h"
#include "probe_send.h"
#include "redirect.h"

/* uapi has no name for these that linux/in.h would not bring along on every version. */
#define ICMPV6_PROTOCOL	  58
#define ICMPV6_ND_FIRST	  133
#define ICMPV6_ND_LAST	  137
#define DCCP_PROTOCOL	  33
#define SCTP_PROTOCOL	  132
#define UDP_LITE_PROTOCOL 136

/* No exit yet: the one answer that is no reason, so it can never be counted as one. */
#define STEERABLE SXT_REASON_COUNT

/* fe80::/10 and ff00::/8 stay on the link or have no single path. */
static __always_inline bool is_local_scope(const __u8 *address)
{
	return address[0] == 0xff || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80);
}

/* 169.254.0.0/16, 224.0.0.0/4 and the broadcast address: the same for IPv4. */
static __always_inline bool is_local_scope_ipv4(__be32 address)
{
	__u32 host = bpf_ntohl(address);

	return host >> 16 == 0xa9fe || host >> 28 == 0xe || host == 0xffffffff;
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == SCTP_PROTOCOL ||
	       protocol == DCCP_PROTOCOL || protocol == UDP_LITE_PROTOCOL;
}

/* Both ports open every transport header that has_ports() names. */
static __always_inline void flow_read_ports(struct __sk_buff *skb, struct flow_key *key,
					    const struct cursor *at)
{
	key->has_ports = 0;
	key->ports[0] = 0;
	key->ports[1] = 0;
	if (at->fragment == FRAGMENT_LATER) {
		fragment_recall(key, at->identification);
		return;
	}
	if (has_ports(key->protocol) &&
	    !bpf_skb_load_bytes(skb, at->offset, key->ports, sizeof(key->ports)))
		key->has_ports = 1;
	if (at->fragment == FRAGMENT_FIRST)
		fragment_remember(key, at->identification);
}

static __always_inline bool is_neighbour_discovery(struct __sk_buff *skb, const struct cursor *at)
{
	__u8 type;

	return at->next_header == ICMPV6_PROTOCOL && at->fragment != FRAGMENT_LATER &&
	       !bpf_skb_load_bytes(skb, at->offset, &type, sizeof(type)) &&
	       type >= ICMPV6_ND_FIRST && type <= ICMPV6_ND_LAST;
}

static __always_inline enum sxt_reason flow_read_ip6(struct __sk_buff *skb, struct flow_key *key)
{
	struct ipv6hdr ip6;
	struct cursor at;

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, &ip6, sizeof(ip6)))
		return SXT_EGRESS_MALFORMED;
	address_copy(key->source, &ip6.saddr);
	address_copy(key->destination, &ip6.daddr);
	if (is_local_scope(ip6.daddr.s6_addr))
		return SXT_LOCAL_SCOPE;
	if (ip6.nexthdr == IPPROTO_ROUTING)
		return probe_send(skb);
	at = cursor_after_ip6(&ip6);
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
	if (is_neighbour_discovery(skb, &at))
		return SXT_NEIGHBOUR_DISCOVERY;
	key->family = FLOW_IPV6;
	key->protocol = at.next_header;
	key->dscp = bpf_ntohs(*(const __be16 *)&ip6) >> 6 & 0x3f;
	flow_read_ports(skb, key, &at);
	return STEERABLE;
}

static __always_inline enum sxt_reason flow_read_ipv4(struct __sk_buff *skb, struct flow_key *key)
{
	struct iphdr ip;
	struct cursor at;
	__u16 fragment;

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return SXT_EGRESS_MALFORMED;
	if (is_local_scope_ipv4(ip.daddr))
		return SXT_LOCAL_SCOPE;
	key->source[0] = MAPPED_FIRST;
	key->source[1] = MAPPED_SECOND(ip.saddr);
	key->destination[0] = MAPPED_FIRST;
	key->destination[1] = MAPPED_SECOND(ip.daddr);
	key->family = FLOW_IPV4;
	key->protocol = ip.protocol;
	key->dscp = ip.tos >> 2;
	fragment = bpf_ntohs(ip.frag_off);
	at.offset = IP6_OFFSET + ip.ihl * 4;
	at.identification = ip.id;
	at.next_header = ip.protocol;
	at.fragment = fragment & IPV4_OFFSET_MASK ? FRAGMENT_LATER
		      : fragment & IPV4_MORE	  ? FRAGMENT_FIRST
						  : FRAGMENT_NONE;
	flow_read_ports(skb, key, &at);
	return STEERABLE;
}

/* The packet as rules see it, whatever headers it has. STEERABLE, or the reason why it is not. */
static __always_inline enum sxt_reason flow_read(struct __sk_buff *skb, struct flow_key *key)
{
	enum sxt_reason reason;

	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		reason = flow_read_ip6(skb, key);
	else if (skb->protocol == bpf_htons(ETH_P_IP))
		reason = flow_read_ipv4(skb, key);
	else if (skb->protocol == bpf_htons(ETH_P_8021Q) ||
		 skb->protocol == bpf_htons(ETH_P_8021AD))
		return SXT_VLAN_TAGGED;
	else
		return SXT_EGRESS_NOT_IP;
	if (reason == STEERABLE &&
	    (key->protocol == IPPROTO_IPV6 || key->protocol == IPPROTO_IPIP) && is_redirected(skb))
		return SXT_ALREADY_ENCAPSULATED;
	return reason;
}
