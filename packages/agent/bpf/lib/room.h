/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"
#include "maps.h"
#include "packet.h"

#define UDP_HEADER_BYTES     8
#define TCP_HEADER_BYTES_MIN 20
#define TCP_DATA_OFFSET	     12
#define LENGTH_FIELD_MAX     0xffff
/* No header can be put on: the packet, or its segments, would outgrow the list. */
#define ROOM_TOO_BIG -1
/* No header can be put on at all. */
#define ROOM_NONE -2

/* Bytes of the headers that every segment of a super-packet repeats; 0 where they are none of ours.
 */
static __always_inline __u32 segment_header_bytes(struct __sk_buff *skb, const struct flow *flow)
{
	struct cursor at = {.offset = IP6_END_OFFSET, .next_header = flow->key.protocol};
	__u8 first;

	if (flow->key.family == FLOW_IPV4) {
		if (bpf_skb_load_bytes(skb, IP6_OFFSET, &first, sizeof(first)))
			return 0;
		at.offset = IP6_OFFSET + (first & 0xf) * 4;
	} else {
		if (bpf_skb_load_bytes(skb, IP6_FIELD(nexthdr), &at.next_header, 1) ||
		    cursor_walk(skb, &at) != WALK_DONE)
			return 0;
	}
	if (flow->key.protocol != IPPROTO_TCP)
		return at.offset - IP6_OFFSET + UDP_HEADER_BYTES;
	if (bpf_skb_load_bytes(skb, at.offset + TCP_DATA_OFFSET, &first, sizeof(first)))
		return 0;
	return at.offset - IP6_OFFSET + (first >> 4) * 4;
}

/*
 * How a super-packet gets its room: flags of bpf_skb_adjust_room, or ROOM_TOO_BIG, ROOM_NONE.
 * Segments that fit with the header keep their size. Those of TCP that do not give their room for
 * it (gso_size shrinks), and so keep their size on the wire; datagrams cannot shrink.
 */
static __noinline __s64 room_of_segments(struct __sk_buff *skb, const struct flow *flow,
					 const struct sxt_list *list)
{
	__u32 header_bytes = list->header_bytes;
	__u32 segment_bytes = segment_header_bytes(skb, flow) + skb->gso_size;

	if (skb->len - IP6_OFFSET + header_bytes > LENGTH_FIELD_MAX)
		return ROOM_NONE;
	if (segment_bytes + header_bytes <= list->mtu)
		return BPF_F_ADJ_ROOM_FIXED_GSO;
	if (flow->key.protocol == IPPROTO_TCP && skb->gso_size > header_bytes &&
	    segment_bytes <= list->mtu)
		return 0;
	return ROOM_TOO_BIG;
}

/* Flags of bpf_skb_adjust_room for the header of the list, or ROOM_TOO_BIG, ROOM_NONE. */
static __always_inline __s64 room_find(struct __sk_buff *skb, const struct flow *flow,
				       const struct sxt_list *list, __u32 packet_bytes)
{
	if (skb->gso_size)
		return room_of_segments(skb, flow, list);
	return packet_bytes + list->header_bytes > list->mtu ? ROOM_TOO_BIG : 0;
}

#define COPY_BLOCK(to, from, end, bytes, size)                                                     \
	if ((bytes) & (size)) {                                                                    \
		if ((void *)(to) + (size) > (end))                                                 \
			return false;                                                              \
		_Pragma("clang loop unroll(full)") for (int at_ = 0; at_ < (size); at_ += 8) *     \
		    (__u64 *)((to) + at_) = *(const __u64 *)((from) + at_);                        \
		(to) += (size);                                                                    \
		(from) += (size);                                                                  \
	}

/* Longest header rest that goes by direct writes. */
#define COPY_DIRECT_MAX 248

/*
 * Copies ready header bytes into the packet, eight at a time with constant offsets: blocks of
 * falling size, so that two or three comparisons are enough for any length. False: the packet is
 * shorter.
 */
static __always_inline bool header_copy(__u8 *to, const __u8 *from, __u32 bytes, const void *end)
{
	COPY_BLOCK(to, from, end, bytes, 128)
	COPY_BLOCK(to, from, end, bytes, 64)
	COPY_BLOCK(to, from, end, bytes, 32)
	COPY_BLOCK(to, from, end, bytes, 16)
	COPY_BLOCK(to, from, end, bytes, 8)
	return true;
}
