/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "icmp.h"
#include "maps.h"
#include "packet.h"

/* An error is no longer than the smallest MTU of IPv6 (RFC 4443 section 3.2), or 576 bytes of IPv4
 * (RFC 1812 section 4.3.2.3). */
#define IP6_MTU_MIN	    1280
#define QUOTE6_BYTES_MAX    (IP6_MTU_MIN - (__u32)sizeof(struct icmp6_front))
#define IP4_ERROR_BYTES_MAX 576
#define QUOTE4_BYTES_MAX    (IP4_ERROR_BYTES_MAX - (__u32)sizeof(struct icmp4_front))
/* Longest input of bpf_csum_diff() on every kernel. */
#define SUMMED_AT_ONCE	 512
#define QUOTE_ROOM_BYTES (3 * SUMMED_AT_ONCE)
/* Frame bytes that go when the packet makes room for its message: all that a device may still have
 * to sum up. */
#define DISCARDED_BYTES 2048

#define FRONT4_GAP (sizeof(struct icmp6_front) - sizeof(struct icmp4_front))

/* The quote follows the front, whichever it is. */
struct message {
	union {
		struct icmp6_front front;
		struct {
			__u8 gap[FRONT4_GAP];
			struct icmp4_front front4;
		};
	};
	__u8 quote[QUOTE_ROOM_BYTES];
};

/* Room to put a message together. Each program's own: not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct message);
	__uint(max_entries, 1);
} message_rooms SEC(".maps");

/* Sum of the quote; the room behind it is zero to the next word. */
static __always_inline __u64 quote_room_sum(const __u8 *quote, __u32 bytes)
{
	__u64 sum = 0;

	for (__u32 at = 0; at < QUOTE_ROOM_BYTES; at += SUMMED_AT_ONCE) {
		__u32 rest = bytes - at;

		if (at >= bytes)
			break;
		rest = rest > SUMMED_AT_ONCE ? SUMMED_AT_ONCE : (rest + 3) & ~3u;
		sum += (__u32)bpf_csum_diff(NULL, 0, (void *)(quote + at), rest, 0);
	}
	return sum;
}

/* Lets go of all bytes behind the Ethernet header and makes room for `bytes`. What the device was
 * asked to sum up goes with them: the kernel notices when the start of that has been taken away. */
static __always_inline bool frame_replace(struct __sk_buff *skb, __u32 bytes)
{
	__u32 kept = IP6_OFFSET + sizeof(struct icmp6_front);

	return !bpf_skb_change_tail(skb, kept + DISCARDED_BYTES, 0) &&
	       !bpf_skb_adjust_room(skb, -DISCARDED_BYTES, BPF_ADJ_ROOM_MAC, 0) &&
	       !bpf_skb_change_tail(skb, IP6_OFFSET + bytes, 0);
}

/* The frame goes back to where it came from. */
static __always_inline bool frame_turn_round(struct __sk_buff *skb)
{
	__u8 addresses[2][ETH_ALEN];

	return !bpf_skb_load_bytes(skb, 0, addresses, sizeof(addresses)) &&
	       !bpf_skb_store_bytes(skb, 0, addresses[1], ETH_ALEN, 0) &&
	       !bpf_skb_store_bytes(skb, ETH_ALEN, addresses[0], ETH_ALEN, 0);
}
