/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/ip.h>
#include "maps.h"
#include "packet.h"

/*
 * A peer's SYN says how large the segments to it may be. Towards an address that packets reach with
 * a header, it is lowered on arrival to what fits then: TCP of this host, and of what is behind it,
 * knows from its first segment on. Options count for the sender (RFC 9293 section 3.7.1).
 */

#define TCP_HEADER_BYTES   20
#define TCP_OPTION_BYTES   40
#define TCP_CHECKSUM_AT	   16
#define TCP_FLAGS_AT	   13
#define TCP_LENGTH_AT	   12
#define TCP_SYN		   0x02
#define TCP_OPTION_END	   0
#define TCP_OPTION_NOP	   1
#define TCP_OPTION_MSS	   2
#define TCP_OPTION_MSS_LEN 4

/*
 * Bytes of the largest packet that fits towards an address, whichever rule of the prefixes around
 * it applies; 0: no bound. Prefixes shorter than `shortest` are of the other family.
 */
static __always_inline __u32 packet_bytes_max(const __u32 *address, __u32 shortest)
{
	struct sxt_prefix key = {.length = 128};
	__u32 smallest = 0;

	address_copy(key.address, address);
	for (int i = 0; i < SXT_MAX_NESTING; i++) {
		const struct sxt_destination *destination =
		    bpf_map_lookup_elem(&destinations, &key);

		if (!destination || destination->length < shortest)
			break;
		if (destination->packet_bytes_max &&
		    (!smallest || destination->packet_bytes_max < smallest))
			smallest = destination->packet_bytes_max;
		if (!destination->length)
			break;
		key.length = destination->length - 1;
	}
	return smallest;
}

/* Offset of the MSS option's value in the frame, among the options from `at` to `end`; 0 when there
 * is none. */
static __always_inline __u32 mss_find(struct __sk_buff *skb, __u32 at, __u32 end)
{
	for (int i = 0; i < TCP_OPTION_BYTES; i++) {
		__u8 option[2];

		if (at + TCP_OPTION_MSS_LEN > end ||
		    bpf_skb_load_bytes(skb, at, option, sizeof(option)))
			return 0;
		switch (option[0]) {
		case TCP_OPTION_END:
			return 0;
		case TCP_OPTION_NOP:
			at += 1;
			break;
		case TCP_OPTION_MSS:
			return option[1] == TCP_OPTION_MSS_LEN ? at + 2 : 0;
		default:
			if (option[1] < 2)
				return 0;
			at += option[1];
		}
	}
	return 0;
}

/* Whether a TCP header at this offset opens a connection. */
static __always_inline bool tcp_is_syn(struct __sk_buff *skb, __u32 offset)
{
	__u8 flags;

	return !bpf_skb_load_bytes(skb, offset + TCP_FLAGS_AT, &flags, sizeof(flags)) &&
	       flags & TCP_SYN;
}

/* Lowers the segment size that this SYN, from this address (mapped when it is IPv4), tells. False
 * when it stays. */
static __always_inline bool mss_lower(struct __sk_buff *skb, __u32 offset, const __u32 *source,
				      __u32 ip_bytes)
{
	__u32 bytes_max =
	    packet_bytes_max(source, ip_bytes == sizeof(struct iphdr) ? MAPPED_LENGTH : 0);
	__be16 told, lower;
	__u8 length;
	__u32 at;

	if (bytes_max <= ip_bytes + TCP_HEADER_BYTES ||
	    bpf_skb_load_bytes(skb, offset + TCP_LENGTH_AT, &length, sizeof(length)))
		return false;
	at = mss_find(skb, offset + TCP_HEADER_BYTES, offset + (length >> 4) * 4);
	if (!at || bpf_skb_load_bytes(skb, at, &told, sizeof(told)))
		return false;
	lower = bpf_htons(bytes_max - ip_bytes - TCP_HEADER_BYTES);
	if (bpf_ntohs(told) <= bpf_ntohs(lower) ||
	    bpf_skb_store_bytes(skb, at, &lower, sizeof(lower), 0))
		return false;
	/* At an odd offset its bytes count in the other half of the sum's words. RFC 1071 section 2
	 * (B). */
	if ((at - offset) & 1) {
		told = __builtin_bswap16(told);
		lower = __builtin_bswap16(lower);
	}
	return !bpf_l4_csum_replace(skb, offset + TCP_CHECKSUM_AT, told, lower, sizeof(lower));
}
