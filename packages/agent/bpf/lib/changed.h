/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "icmp.h"
#include "locality.h"
#include "maps.h"
#include "packet.h"
#include "srh.h"

/* What an ICMPv6 error quotes of a packet that left here with a header of ours. */

#define QUOTE_OFFSET (IP6_OFFSET + (__u32)sizeof(struct icmp6_front))
#define QUOTE_REST   (QUOTE_OFFSET + (__u32)sizeof(struct ipv6hdr))
/* Without ports, nobody finds a socket. RFC 792. */
#define QUOTE_UPPER_MIN 8

/* The message and what of its quote this host put on. */
struct changed {
	struct icmp6_front front;
	struct ipv6hdr quoted;
	/* Of the SRH, and of hop-by-hop options in front of it; 0 without. */
	__u32 srh_bytes;
	__u32 option_bytes;
	/* What follows all headers of ours. */
	__u8 next_header;
	struct in6_addr last_segment;
};

/* Room for what was read: too much for the stack, next to what reads it. Each program's own: not
 * pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct changed);
	__uint(max_entries, 1);
} changed_rooms SEC(".maps");

/* Sum of bytes of the packet, a multiple of eight. */
static __always_inline bool packet_sum(struct __sk_buff *skb, __u32 offset, __u32 bytes, __u64 *sum)
{
	for (__u32 done = 0; done < SXT_HEADER_MAX_BYTES + MAX_OPTION_BYTES; done += 8) {
		__u32 words[2];

		if (done >= bytes)
			break;
		if (bpf_skb_load_bytes(skb, offset + done, words, sizeof(words)))
			return false;
		*sum += (__u64)words[0] + words[1];
	}
	return true;
}

/* Whether the message, and the packet, go on for so many bytes of the quote. */
static __always_inline bool quote_reaches(struct __sk_buff *skb, const struct changed *changed,
					  __u32 bytes)
{
	__u32 message_bytes = bpf_ntohs(changed->front.ip6.payload_len);

	return message_bytes >= sizeof(changed->front.icmp) + bytes &&
	       IP6_END_OFFSET + message_bytes <= skb->len;
}

/* Whether packets to this address (mapped when it is IPv4: prefixes shorter than that are of the
 * other family) are this host's to change. */
static __always_inline bool is_steered(const void *address, __u32 shortest)
{
	const struct sxt_destination *destination;
	struct sxt_prefix key = {.length = 128};

	address_copy(key.address, address);
	destination = bpf_map_lookup_elem(&destinations, &key);
	return destination && destination->length >= shortest;
}

/* Reads the SRH in the quote, behind hop-by-hop options that stay in front of it. False when there
 * is one that is cut off or none of ours. */
static __always_inline bool changed_read_srh(struct __sk_buff *skb, struct changed *changed)
{
	struct srh_header srh;
	__u32 room;

	if (bpf_skb_load_bytes(skb, QUOTE_REST + changed->option_bytes, &srh, sizeof(srh)))
		return false;
	room = srh.length / 2;
	if (srh.routing_type != SRH_ROUTING_TYPE || !room || srh.last_entry >= room ||
	    srh.segments_left > srh.last_entry + 1)
		return false;
	changed->srh_bytes = srh_bytes(&srh);
	changed->next_header = srh.next_header;
	return changed->srh_bytes <= SXT_SRH_MAX_BYTES + SXT_HMAC_TLV_BYTES &&
	       !bpf_skb_load_bytes(skb, QUOTE_REST + changed->option_bytes + sizeof(srh),
				   &changed->last_segment, sizeof(changed->last_segment));
}

/* Whether the message quotes a packet that left here with a header of ours, and its whole header.
 */
static __always_inline bool changed_read(struct __sk_buff *skb, struct changed *changed)
{
	struct icmp6_front *front = &changed->front;
	__u8 options[2];

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, front, sizeof(*front)) ||
	    bpf_skb_load_bytes(skb, QUOTE_OFFSET, &changed->quoted, sizeof(changed->quoted)))
		return false;
	if (front->ip6.nexthdr != IPPROTO_ICMPV6 || changed->quoted.version != 6 ||
	    !address_equal(&front->ip6.daddr, &changed->quoted.saddr))
		return false;
	changed->srh_bytes = 0;
	changed->option_bytes = 0;
	changed->next_header = changed->quoted.nexthdr;
	if (changed->next_header == IPPROTO_HOPOPTS) {
		if (bpf_skb_load_bytes(skb, QUOTE_REST, options, sizeof(options)) ||
		    options[0] != IPPROTO_ROUTING || (options[1] + 1) * 8 > MAX_OPTION_BYTES)
			return false;
		changed->option_bytes = (options[1] + 1) * 8;
		changed->next_header = IPPROTO_ROUTING;
	}
	if (changed->next_header == IPPROTO_ROUTING && !changed_read_srh(skb, changed))
		return false;
	return quote_reaches(skb, changed,
			     sizeof(changed->quoted) + changed->option_bytes + changed->srh_bytes +
				 QUOTE_UPPER_MIN) &&
	       address_is_local(skb, &front->ip6.saddr, &front->ip6.daddr);
}
