/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "domain.h"
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

/* Bytes of the whole header. RFC 8200 section 4.4. */
static __always_inline __u32 srh_bytes(const struct srh_header *srh)
{
	return (srh->length + 1) * 8;
}

/* RFC 8754 section 4.3.1.1: both indices lie within the list, and the list within the packet. */
static __always_inline bool srh_is_well_formed(const struct srh_header *srh, __u32 offset,
					       __u32 payload_bytes)
{
	__u32 room = srh->length / 2;

	return room && srh->last_entry < room && srh->segments_left <= srh->last_entry + 1 &&
	       offset + srh_bytes(srh) <= IP6_END_OFFSET + payload_bytes;
}

/*
 * Whether the kernel would deliver to this address itself. It says so by "not forwarded"; where
 * forwarding is off it says no more than that, and then nothing goes anywhere else either.
 */
static __always_inline bool address_is_local(struct __sk_buff *skb, const struct in6_addr *source,
					     const struct in6_addr *destination)
{
	struct bpf_fib_lookup lookup = {.family = AF_INET6_NUMBER, .ifindex = skb->ifindex};
	long result;

	if (destination->s6_addr[0] == 0xff)
		return false;
	address_copy(lookup.ipv6_src, source);
	address_copy(lookup.ipv6_dst, destination);
	result = bpf_fib_lookup(skb, &lookup, sizeof(lookup), 0);
	return result == BPF_FIB_LKUP_RET_NOT_FWDED || result == BPF_FIB_LKUP_RET_FWD_DISABLED;
}
