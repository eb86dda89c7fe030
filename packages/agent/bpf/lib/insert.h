/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"
#include "room.h"

/*
 * The room opens right behind the IPv6 header, but hop-by-hop options stay first (RFC 8200
 * section 4.1): they move up, and the SRH goes behind them. Destination options need no such care:
 * behind the SRH they are for the final destination.
 */
static __noinline enum sxt_reason insert_behind_options(struct __sk_buff *skb,
							const struct flow *flow,
							const struct sxt_list *list,
							__u64 room_flags)
{
	__u32 header_bytes = list->header_bytes;
	__u8 options[MAX_OPTION_BYTES];
	__u32 option_bytes, srh_offset;
	__be16 payload_bytes;
	__u8 next_header;

	if (header_bytes < SXT_SRH_MIN_BYTES || header_bytes > SXT_SRH_MAX_BYTES)
		return SXT_ROOM_REFUSED;
	if (bpf_skb_load_bytes(skb, IP6_FIELD(payload_len), &payload_bytes,
			       sizeof(payload_bytes)) ||
	    bpf_skb_load_bytes(skb, IP6_END_OFFSET, options, 8))
		return SXT_EGRESS_MALFORMED;
	if (!payload_bytes)
		return SXT_ROOM_REFUSED; /* a jumbogram */
	option_bytes = (options[1] + 1) * 8;
	if (option_bytes > sizeof(options))
		return SXT_HOP_BY_HOP_TOO_LONG;
	if (bpf_skb_load_bytes(skb, IP6_END_OFFSET, options, option_bytes))
		return SXT_EGRESS_MALFORMED;
	if (bpf_skb_adjust_room(skb, header_bytes, BPF_ADJ_ROOM_NET, room_flags))
		return SXT_ROOM_REFUSED;

	payload_bytes = bpf_htons(bpf_ntohs(payload_bytes) + header_bytes);
	next_header = options[0];
	options[0] = IPPROTO_ROUTING;
	srh_offset = IP6_END_OFFSET + option_bytes;
	if (bpf_skb_store_bytes(skb, IP6_END_OFFSET, options, option_bytes, 0) ||
	    bpf_skb_store_bytes(skb, srh_offset, list->header, header_bytes, 0) ||
	    bpf_skb_store_bytes(skb, srh_offset, &next_header, sizeof(next_header), 0) ||
	    bpf_skb_store_bytes(skb, srh_offset + SXT_SRH_FIXED_BYTES, flow->key.destination,
				SXT_SEGMENT_BYTES, 0) ||
	    bpf_skb_store_bytes(skb, IP6_FIELD(payload_len), &payload_bytes, sizeof(payload_bytes),
				0) ||
	    bpf_skb_store_bytes(skb, IP6_FIELD(daddr), list->first_segment, SXT_SEGMENT_BYTES, 0))
		return SXT_EGRESS_WRITE_FAILED;
	return SXT_INSERTED;
}

/* Puts the SRH behind the IPv6 header. Anything but SXT_INSERTED and SXT_EGRESS_WRITE_FAILED leaves
 * the packet as it was. */
static __always_inline enum sxt_reason insert(struct __sk_buff *skb, const struct flow *flow,
					      const struct sxt_list *list, __u64 room_flags)
{
	const __u8 *data_end = (void *)(long)skb->data_end;
	__u8 *ip6 = (void *)(long)skb->data + IP6_OFFSET;
	__u32 header_bytes = list->header_bytes;
	__u32 payload_bytes;
	__u8 next_header;
	__u8 *srh;

	if (ip6 + sizeof(struct ipv6hdr) > data_end)
		return SXT_EGRESS_MALFORMED;
	next_header = ip6[6];
	if (next_header == IPPROTO_HOPOPTS)
		return insert_behind_options(skb, flow, list, room_flags);
	payload_bytes = bpf_ntohs(*(const __be16 *)(ip6 + 4));
	if (header_bytes < SXT_SRH_MIN_BYTES || header_bytes > SXT_SRH_MAX_BYTES || !payload_bytes)
		return SXT_ROOM_REFUSED;
	if (bpf_skb_adjust_room(skb, header_bytes, BPF_ADJ_ROOM_NET, room_flags))
		return SXT_ROOM_REFUSED;

	data_end = (void *)(long)skb->data_end;
	ip6 = (void *)(long)skb->data + IP6_OFFSET;
	srh = ip6 + sizeof(struct ipv6hdr);
	if (srh + SXT_SRH_MIN_BYTES > data_end)
		return SXT_EGRESS_WRITE_FAILED;
	*(__be16 *)(ip6 + 4) = bpf_htons(payload_bytes + header_bytes);
	ip6[6] = IPPROTO_ROUTING;
	*(__u64 *)(ip6 + 24) = *(const __u64 *)list->first_segment;
	*(__u64 *)(ip6 + 32) = *(const __u64 *)(list->first_segment + 8);
	*(__u64 *)srh = *(const __u64 *)list->header;
	srh[0] = next_header;
	*(__u64 *)(srh + 8) = flow->key.destination[0];
	*(__u64 *)(srh + 16) = flow->key.destination[1];
	return header_copy(srh + SXT_SRH_MIN_BYTES, list->header + SXT_SRH_MIN_BYTES,
			   header_bytes - SXT_SRH_MIN_BYTES, data_end)
		   ? SXT_INSERTED
		   : SXT_EGRESS_WRITE_FAILED;
}
