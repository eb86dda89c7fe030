/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* Segments keep their size, and what the device verified stays verified: the SRH is in no
 * upper-layer checksum. */
#define STRIP_FLAGS (BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET)

/*
 * Takes `bytes` at `at` out of the packet. The kernel removes what follows the IPv6 header, so
 * options before the SRH first move to its end. Every store keeps a device's checksum over the
 * whole packet right.
 */
static __always_inline enum sxt_reason strip(struct __sk_buff *skb, const struct cursor *at,
					     __u8 next_header, __u32 bytes, __u32 payload_bytes)
{
	__be16 rest = bpf_htons(payload_bytes - bytes);
	__u32 option_bytes = at->offset - IP6_END_OFFSET;

	if (option_bytes) {
		__u8 options[MAX_OPTION_BYTES];

		if (option_bytes < 8 || option_bytes > sizeof(options))
			return SXT_SRH_OPTIONS_TOO_LONG;
		if (bpf_skb_load_bytes(skb, IP6_END_OFFSET, options, option_bytes) ||
		    bpf_skb_store_bytes(skb, IP6_END_OFFSET + bytes, options, option_bytes,
					BPF_F_RECOMPUTE_CSUM))
			return SXT_INGRESS_WRITE_FAILED;
	}
	if (bpf_skb_adjust_room(skb, -(__s32)bytes, BPF_ADJ_ROOM_NET, STRIP_FLAGS))
		return SXT_STRIP_REFUSED;
	if (bpf_skb_store_bytes(skb, at->named_at, &next_header, sizeof(next_header),
				BPF_F_RECOMPUTE_CSUM) ||
	    bpf_skb_store_bytes(skb, IP6_FIELD(payload_len), &rest, sizeof(rest),
				BPF_F_RECOMPUTE_CSUM))
		return SXT_INGRESS_WRITE_FAILED;
	return SXT_SRH_STRIPPED;
}
