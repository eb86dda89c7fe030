/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* struct ipv6_rt_hdr and the SRH's two own bytes. RFC 8754 section 2. */
struct srh_header {
	__u8 next_header;
	__u8 length;
	__u8 routing_type;
	__u8 segments_left;
	__u8 last_entry;
	__u8 flags;
	__be16 tag;
};

#define SRH_ROUTING_TYPE 4
#define SRH_PAD1	 0
/* TLVs that are looked at; the RFCs define three. */
#define SRH_MAX_TLVS 16

/* No octet is at fault. */
#define SRH_WELL_FORMED 0

/* Bytes of the whole header. RFC 8200 section 4.4. */
static __always_inline __u32 srh_bytes(const struct srh_header *srh)
{
	return (srh->length + 1) * 8;
}

/*
 * Offset in the frame of the first TLV between `at` and `end` that runs beyond the end, or
 * SRH_WELL_FORMED. RFC 8754 section 2.1. Not static: the verifier then looks at the loop once, for
 * all values.
 */
__noinline __u32 srh_tlv_fault(struct __sk_buff *skb, __u32 at, __u32 end)
{
	for (int i = 0; i < SRH_MAX_TLVS; i++) {
		__u8 tlv[2] = {};

		if (at == end)
			return SRH_WELL_FORMED;
		if (bpf_skb_load_bytes(skb, at, tlv, 1))
			return at;
		if (tlv[0] == SRH_PAD1) {
			at += 1;
			continue;
		}
		if (bpf_skb_load_bytes(skb, at, tlv, sizeof(tlv)) ||
		    at + sizeof(tlv) + tlv[1] > end)
			return at;
		at += sizeof(tlv) + tlv[1];
	}
	return at == end ? SRH_WELL_FORMED : at;
}

/*
 * Offset in the frame of the octet that is at fault, or SRH_WELL_FORMED: both indices lie within
 * the list, the list and its TLVs within the header, and that within the packet, which ends at
 * `end`. RFC 8754 section 4.3.1.1 blames Segments Left for both indices. The O-flag asks for
 * nothing that a packet path without OAM would do (RFC 9259 section 2.1.1).
 */
static __always_inline __u32 srh_fault(struct __sk_buff *skb, const struct srh_header *srh,
				       __u32 offset, __u32 end)
{
	__u32 room = srh->length / 2;
	__u32 list_bytes = (srh->last_entry + 1) * SXT_SEGMENT_BYTES;

	if (offset + srh_bytes(srh) > end)
		return offset + offsetof(struct srh_header, length);
	if (!room || srh->last_entry >= room || srh->segments_left > srh->last_entry + 1)
		return offset + offsetof(struct srh_header, segments_left);
	return srh_tlv_fault(skb, offset + sizeof(*srh) + list_bytes, offset + srh_bytes(srh));
}
