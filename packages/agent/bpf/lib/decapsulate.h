/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "domain.h"
#include "inner.h"

/* Flag of kernel 6.4: an IPv4 packet is left, and skb->protocol must say so. Not in every
 * linux/bpf.h. */
#define ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)

/*
 * Segments keep their size, and what the device verified stays verified: an outer IPv6 header has
 * no checksum. That one IPv6 header follows another needs no flag, so that older kernels can do it.
 */
#define DECAPSULATE_FLAGS (BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET)

/* Writes the two bits, and the IPv4 checksum by their difference. Both sums that cover the packet
 * stay right: in IPv4 the two changes cancel out. */
static __always_inline bool inner_write_ecn(struct __sk_buff *skb, const struct inner *inner,
					    __u8 ecn)
{
	__u32 at = inner->offset;
	__u8 bytes[2];
	__be16 old;

	if (bpf_skb_load_bytes(skb, at, bytes, sizeof(bytes)))
		return false;
	if (inner->ethertype == bpf_htons(ETH_P_IPV6)) {
		bytes[1] = (bytes[1] & ~(ECN_MASK << 4)) | ecn << 4;
		return !bpf_skb_store_bytes(skb, at + 1, &bytes[1], 1, BPF_F_RECOMPUTE_CSUM);
	}
	old = bpf_htons(bytes[0] << 8 | bytes[1]);
	bytes[1] = (bytes[1] & ~ECN_MASK) | ecn;
	return !bpf_l3_csum_replace(skb, at + offsetof(struct iphdr, check), old,
				    bpf_htons(bytes[0] << 8 | bytes[1]), sizeof(__be16)) &&
	       !bpf_skb_store_bytes(skb, at + 1, &bytes[1], 1, 0);
}

/* Takes off all that is in front of the inner packet. */
static __always_inline enum sxt_reason outer_remove(struct __sk_buff *skb,
						    const struct inner *inner)
{
	bool ipv4 = inner->ethertype == bpf_htons(ETH_P_IP);

	if (bpf_skb_adjust_room(skb, (__s32)IP6_OFFSET - (__s32)inner->offset, BPF_ADJ_ROOM_MAC,
				DECAPSULATE_FLAGS | (ipv4 ? ADJ_ROOM_DECAP_L3_IPV4 : 0)))
		return SXT_DECAPSULATION_REFUSED;
	if (ipv4 && bpf_skb_store_bytes(skb, offsetof(struct ethhdr, h_proto), &inner->ethertype,
					sizeof(inner->ethertype), 0))
		return SXT_INGRESS_WRITE_FAILED;
	return SXT_DECAPSULATED;
}

/* Whether the sender may bring this packet, and the kernel takes it on to where it may go: else why
 * not. */
static __noinline enum sxt_reason inner_ask(struct __sk_buff *skb, const struct inner *inner,
					    const struct ipv6hdr *outer)
{
	struct known_key key = {.ifindex = skb->ifindex | KNOWN_INNER, .epoch = epoch_now()};
	struct known_sender *known;

	known_copy(key.sender, &outer->saddr);
	known_copy(key.source, &inner->source);
	known_copy(key.destination, &inner->destination);
	known = known_find(&key);
	if (known_holds(known, &key))
		return SXT_DECAPSULATED;
	if (!sender_may_bring(&outer->saddr, &inner->source))
		return SXT_INNER_SOURCE_REFUSED;
	if (inner_turns_back(skb, inner))
		return SXT_INNER_TURNED_BACK;
	known_remember(known, &key);
	return SXT_DECAPSULATED;
}

/*
 * A packet for the decapsulation SID, whose inner packet is at `at`; the outer source is trusted.
 * RFC 8986 section 4.8, without a table of its own: the kernel routes what comes out as if it had
 * come in plain. The inner hop limit stays, so that the way through the domain is one hop.
 */
static __noinline enum sxt_reason decapsulate(struct __sk_buff *skb, const struct cursor *at,
					      const struct ipv6hdr *outer)
{
	struct inner inner WORDS = {.offset = at->offset,
				    .end = IP6_END_OFFSET + bpf_ntohs(outer->payload_len)};
	enum sxt_reason reason;
	enum ecn ecn;

	reason = at->next_header == IPPROTO_IPIP ? inner_read_ipv4(skb, &inner)
						 : inner_read_ipv6(skb, &inner);
	if (reason != SXT_DECAPSULATED)
		return reason;
	reason = inner_ask(skb, &inner, outer);
	if (reason != SXT_DECAPSULATED)
		return reason;
	ecn = ecn_combine(outer->flow_lbl[0] >> 4 & ECN_MASK, inner.ecn);
	if (ecn == ECN_DROP)
		return SXT_INNER_ECN_REFUSED;
	if (ecn != inner.ecn && !inner_write_ecn(skb, &inner, ecn))
		return SXT_INGRESS_WRITE_FAILED;
	return outer_remove(skb, &inner);
}
