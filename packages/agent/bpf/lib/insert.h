/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "classify.h"
#include "maps.h"
#include "packet.h"

/* No IPv6 link has a smaller MTU (RFC 8200 section 5), so what fits it needs no question. */
#define IP6_MINIMUM_MTU	 1280
#define UDP_HEADER_BYTES 8

/*
 * A TCP super-packet gives its segments the room for the header (gso_size shrinks), and so keeps
 * their size on the wire; datagrams cannot shrink, and neither can segments smaller than the
 * header.
 */
static __always_inline bool gso_size_is_fixed(const struct __sk_buff *skb, const struct flow *flow,
					      __u32 srh_bytes)
{
	if (flow->protocol == IPPROTO_TCP)
		return skb->gso_size <= srh_bytes;
	return flow->protocol == IPPROTO_UDP;
}

/* IP bytes of the largest packet on the wire after insertion, if segments keep their size. */
static __always_inline __u32 wire_bytes(const struct __sk_buff *skb, const struct flow *flow,
					__u32 srh_bytes)
{
	if (!skb->gso_size)
		return skb->len - IP6_OFFSET + srh_bytes;
	return flow->upper_offset - IP6_OFFSET + UDP_HEADER_BYTES + skb->gso_size + srh_bytes;
}

/* SXT_INSERTED when the header fits the uplink and the length field. */
static __always_inline enum sxt_reason
insert_check_size(struct __sk_buff *skb, const struct flow *flow, const struct sxt_list *list)
{
	__u32 payload_bytes = bpf_ntohs(flow->payload_bytes), mtu = 0;
	bool shrinks = skb->gso_size && !gso_size_is_fixed(skb, flow, list->srh_bytes);
	__u32 bytes = shrinks ? 0 : wire_bytes(skb, flow, list->srh_bytes);

	if (payload_bytes + list->srh_bytes > 0xffff || !payload_bytes)
		return SXT_MTU_EXCEEDED; /* would not be, or already is, a jumbogram */
	if (bytes <= IP6_MINIMUM_MTU && list->ifindex == skb->ifindex)
		return SXT_INSERTED;
	if (bpf_check_mtu(skb, list->ifindex, &mtu, 0, 0) < 0)
		return SXT_UPLINK_MISSING;
	return bytes > mtu ? SXT_MTU_EXCEEDED : SXT_INSERTED;
}

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
	__u32 srh_bytes = list->srh_bytes;
	__u8 options[MAX_OPTION_BYTES];
	__be16 payload_bytes = bpf_htons(bpf_ntohs(flow->payload_bytes) + srh_bytes);
	__u32 option_bytes, srh_offset;
	__u8 next_header;

	if (srh_bytes < SXT_SRH_MIN_BYTES || srh_bytes > SXT_SRH_MAX_BYTES)
		return SXT_ROOM_REFUSED;
	if (bpf_skb_load_bytes(skb, IP6_END_OFFSET, options, 8))
		return SXT_EGRESS_MALFORMED;
	option_bytes = (options[1] + 1) * 8;
	if (option_bytes > sizeof(options))
		return SXT_HOP_BY_HOP_TOO_LONG;
	if (bpf_skb_load_bytes(skb, IP6_END_OFFSET, options, option_bytes))
		return SXT_EGRESS_MALFORMED;
	if (bpf_skb_adjust_room(skb, srh_bytes, BPF_ADJ_ROOM_NET, room_flags))
		return SXT_ROOM_REFUSED;

	next_header = options[0];
	options[0] = IPPROTO_ROUTING;
	srh_offset = IP6_END_OFFSET + option_bytes;
	if (bpf_skb_store_bytes(skb, IP6_END_OFFSET, options, option_bytes, 0) ||
	    bpf_skb_store_bytes(skb, srh_offset, list->srh, srh_bytes, 0) ||
	    bpf_skb_store_bytes(skb, srh_offset, &next_header, sizeof(next_header), 0) ||
	    bpf_skb_store_bytes(skb, srh_offset + SXT_SRH_FIXED_BYTES, flow->destination.address,
				SXT_SEGMENT_BYTES, 0) ||
	    bpf_skb_store_bytes(skb, IP6_FIELD(payload_len), &payload_bytes, sizeof(payload_bytes),
				0) ||
	    bpf_skb_store_bytes(skb, IP6_FIELD(daddr), list->first_segment, SXT_SEGMENT_BYTES, 0))
		return SXT_EGRESS_WRITE_FAILED;
	return SXT_INSERTED;
}

/*
 * Copies the ready header bytes, all but the first 24: those have the packet's own fields. Unrolled
 * writes with constant offsets are faster than one call of a helper, up to the longest list.
 */
static __always_inline bool srh_copy_segments(__u8 *srh, const struct sxt_list *list,
					      const void *data_end)
{
	__u32 srh_bytes = list->srh_bytes;

#pragma clang loop unroll(full)
	for (__u32 end = SXT_SRH_MIN_BYTES + SXT_SEGMENT_BYTES; end <= SXT_SRH_MAX_BYTES;
	     end += SXT_SEGMENT_BYTES) {
		__u32 at = end - SXT_SEGMENT_BYTES;

		if (end > srh_bytes)
			break;
		if ((void *)(srh + end) > data_end)
			return false;
		*(__u64 *)(srh + at) = *(const __u64 *)(list->srh + at);
		*(__u64 *)(srh + at + 8) = *(const __u64 *)(list->srh + at + 8);
	}
	return true;
}

/* Puts the SRH behind the IPv6 header. */
static __always_inline enum sxt_reason insert_plain(struct __sk_buff *skb, const struct flow *flow,
						    const struct sxt_list *list, __u64 room_flags)
{
	const void *data_end;
	struct ipv6hdr *ip6;
	__u8 *srh;

	if (list->srh_bytes < SXT_SRH_MIN_BYTES || list->srh_bytes > SXT_SRH_MAX_BYTES)
		return SXT_ROOM_REFUSED;
	if (bpf_skb_adjust_room(skb, list->srh_bytes, BPF_ADJ_ROOM_NET, room_flags))
		return SXT_ROOM_REFUSED;
	data_end = (void *)(long)skb->data_end;
	ip6 = (void *)(long)skb->data + IP6_OFFSET;
	srh = (void *)(ip6 + 1);
	if ((void *)(srh + SXT_SRH_MIN_BYTES) > data_end || !srh_copy_segments(srh, list, data_end))
		return SXT_EGRESS_WRITE_FAILED;
	*(__u64 *)srh = *(const __u64 *)list->srh;
	srh[0] = flow->next_header;
	address_copy(srh + SXT_SRH_FIXED_BYTES, flow->destination.address);
	ip6->nexthdr = IPPROTO_ROUTING;
	ip6->payload_len = bpf_htons(bpf_ntohs(flow->payload_bytes) + list->srh_bytes);
	address_copy(&ip6->daddr, list->first_segment);
	return SXT_INSERTED;
}

/* Puts the packet on the list. Anything but SXT_INSERTED and SXT_EGRESS_WRITE_FAILED leaves it as
 * it was. */
static __always_inline enum sxt_reason insert(struct __sk_buff *skb, const struct flow *flow,
					      const struct sxt_list *list)
{
	enum sxt_reason reason = insert_check_size(skb, flow, list);
	bool fixed = skb->gso_size && gso_size_is_fixed(skb, flow, list->srh_bytes);
	__u64 room_flags = fixed ? BPF_F_ADJ_ROOM_FIXED_GSO : 0;

	if (reason != SXT_INSERTED)
		return reason;
	if (flow->next_header == IPPROTO_HOPOPTS)
		return insert_behind_options(skb, flow, list, room_flags);
	return insert_plain(skb, flow, list, room_flags);
}
