/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* uapi has no name for these two that linux/in.h would not bring along on every version. */
#define ICMPV6_PROTOCOL	  58
#define ICMPV6_ND_FIRST	  133
#define ICMPV6_ND_LAST	  137
#define DCCP_PROTOCOL	  33
#define SCTP_PROTOCOL	  132
#define UDP_LITE_PROTOCOL 136

/* What a packet is, as far as rows can ask. */
struct flow {
	/* Of the destination, for the longest-prefix lookup. */
	struct sxt_prefix destination;
	__u32 upper_offset;
	__be16 payload_bytes;
	/* Host byte order. */
	__u16 port;
	bool has_port;
	__u8 protocol;
	/* Next Header of the IPv6 header itself. */
	__u8 next_header;
};

/* fe80::/10 and ff00::/8 stay on the link or have no single path. */
static __always_inline bool is_local_scope(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xff ||
	       (address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80);
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == SCTP_PROTOCOL ||
	       protocol == DCCP_PROTOCOL || protocol == UDP_LITE_PROTOCOL;
}

/* Reads the destination port where there is one; both ports open every transport header that
 * has_ports() names. */
static __always_inline void flow_read_port(struct __sk_buff *skb, struct flow *flow)
{
	__be16 ports[2];

	flow->has_port = has_ports(flow->protocol) &&
			 !bpf_skb_load_bytes(skb, flow->upper_offset, ports, sizeof(ports));
	flow->port = flow->has_port ? bpf_ntohs(ports[1]) : 0;
}

static __always_inline bool is_neighbour_discovery(struct __sk_buff *skb, const struct flow *flow)
{
	__u8 type;

	return flow->protocol == ICMPV6_PROTOCOL &&
	       !bpf_skb_load_bytes(skb, flow->upper_offset, &type, sizeof(type)) &&
	       type >= ICMPV6_ND_FIRST && type <= ICMPV6_ND_LAST;
}

/* The cheapest questions first. A packet without a full socket (forwarded, TIME_WAIT) has cgroup id
 * 0 and matches none. */
static __always_inline bool row_matches(struct __sk_buff *skb, const struct sxt_match *row,
					const struct flow *flow)
{
	if (row->protocol && row->protocol != flow->protocol)
		return false;
	if (row->has_ports &&
	    (!flow->has_port || flow->port < row->first_port || flow->port > row->last_port))
		return false;
	return !row->cgroup_id ||
	       bpf_skb_ancestor_cgroup_id(skb, row->cgroup_level) == row->cgroup_id;
}

/* The first row of the destination that the packet matches, or NULL. */
static __always_inline const struct sxt_match *
classify(struct __sk_buff *skb, const struct sxt_destination *destination, const struct flow *flow)
{
	for (__u32 i = 0; i < SXT_MAX_ROWS; i++) {
		if (i >= destination->row_count)
			break;
		if (row_matches(skb, &destination->rows[i], flow))
			return &destination->rows[i];
	}
	return NULL;
}
