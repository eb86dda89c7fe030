/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"
#include "room.h"

#define OUTER_ROOM	  (BPF_F_ADJ_ROOM_ENCAP_L3_IPV6)
#define OUTER_FIXED_BYTES (SXT_IP6_BYTES + SXT_SRH_FIXED_BYTES)
#define IP6_VERSION	  0x60000000u
#define TRAFFIC_CLASS	  0x0ff00000u
#define FLOW_LABEL	  0x000fffffu

/* What the outer header takes from the inner one. */
struct inner {
	/* Version, traffic class with ECN (RFC 6040 section 4.1), flow label (RFC 6437), host byte
	 * order. */
	__u32 first_word;
	__u32 ip_bytes;
	__u8 hop_limit;
	__u8 protocol;
};

/* False when there is no whole header, or it says no length: a packet longer than 64 KiB. */
static __always_inline bool inner_read(const struct __sk_buff *skb, const struct flow *flow,
				       struct inner *inner)
{
	const __u8 *data_end = (void *)(long)skb->data_end;
	const __u8 *ip = (void *)(long)skb->data + IP6_OFFSET;
	__u32 label = flow->hash & FLOW_LABEL;

	inner->first_word = IP6_VERSION | (label ? label : 1);
	if (flow->key.family == FLOW_IPV6) {
		if (ip + sizeof(struct ipv6hdr) > data_end)
			return false;
		inner->first_word |= bpf_ntohl(*(const __be32 *)ip) & TRAFFIC_CLASS;
		inner->ip_bytes = bpf_ntohs(*(const __be16 *)(ip + 4));
		if (!inner->ip_bytes)
			return false;
		inner->ip_bytes += sizeof(struct ipv6hdr);
		inner->hop_limit = ip[7];
		inner->protocol = IPPROTO_IPV6;
		return true;
	}
	if (ip + IPV4_PLAIN_BYTES > data_end)
		return false;
	inner->first_word |= (__u32)ip[1] << 20;
	inner->ip_bytes = bpf_ntohs(*(const __be16 *)(ip + 2));
	inner->hop_limit = ip[8];
	inner->protocol = IPPROTO_IPIP;
	return inner->ip_bytes != 0;
}

/* Headers longer than direct writes reach: with the most segments and a signature. */
static __noinline bool outer_copy_long(struct __sk_buff *skb, const struct sxt_list *list,
				       __u32 bytes)
{
	if (bytes == 0 || bytes > SXT_HEADER_MAX_BYTES - OUTER_FIXED_BYTES)
		return false;
	return !bpf_skb_store_bytes(skb, IP6_OFFSET + OUTER_FIXED_BYTES,
				    list->header + OUTER_FIXED_BYTES, bytes, 0);
}

/*
 * Puts the outer header before the packet, with an SRH where there is more than one segment.
 * Anything but SXT_ENCAPSULATED and SXT_EGRESS_WRITE_FAILED leaves the packet as it was. RFC 8986
 * section 5.
 */
static __always_inline enum sxt_reason encap(struct __sk_buff *skb, const struct flow *flow,
					     const struct sxt_list *list, __u64 room_flags)
{
	__u32 header_bytes = list->header_bytes;
	struct inner inner;
	const __u8 *data_end;
	__u8 *outer;

	if (header_bytes < SXT_IP6_BYTES || header_bytes > SXT_HEADER_MAX_BYTES ||
	    !inner_read(skb, flow, &inner))
		return SXT_ROOM_REFUSED;
	if (bpf_skb_adjust_room(skb, header_bytes, BPF_ADJ_ROOM_MAC, room_flags | OUTER_ROOM))
		return SXT_ROOM_REFUSED;

	data_end = (void *)(long)skb->data_end;
	outer = (void *)(long)skb->data + IP6_OFFSET;
	if (outer + SXT_IP6_BYTES > data_end)
		return SXT_EGRESS_WRITE_FAILED;
	if (inner.protocol == IPPROTO_IPIP)
		*(__be16 *)(outer - 2) = bpf_htons(ETH_P_IPV6);
	*(__be32 *)outer = bpf_htonl(inner.first_word);
	*(__be16 *)(outer + 4) = bpf_htons(inner.ip_bytes + header_bytes - SXT_IP6_BYTES);
	outer[7] = inner.hop_limit;
	*(__u64 *)(outer + 8) = *(const __u64 *)(list->header + 8);
	*(__u64 *)(outer + 16) = *(const __u64 *)(list->header + 16);
	*(__u64 *)(outer + 24) = *(const __u64 *)(list->header + 24);
	*(__u64 *)(outer + 32) = *(const __u64 *)(list->header + 32);
	if (header_bytes < OUTER_FIXED_BYTES) {
		outer[6] = inner.protocol;
		return SXT_ENCAPSULATED;
	}
	if (outer + OUTER_FIXED_BYTES > data_end)
		return SXT_EGRESS_WRITE_FAILED;
	outer[6] = IPPROTO_ROUTING;
	*(__u64 *)(outer + SXT_IP6_BYTES) = *(const __u64 *)(list->header + SXT_IP6_BYTES);
	outer[SXT_IP6_BYTES] = inner.protocol;
	header_bytes -= OUTER_FIXED_BYTES;
	if (header_bytes > COPY_DIRECT_MAX)
		return outer_copy_long(skb, list, header_bytes) ? SXT_ENCAPSULATED
								: SXT_EGRESS_WRITE_FAILED;
	return header_copy(outer + OUTER_FIXED_BYTES, list->header + OUTER_FIXED_BYTES,
			   header_bytes, data_end)
		   ? SXT_ENCAPSULATED
		   : SXT_EGRESS_WRITE_FAILED;
}
