/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"

/*
 * Kept with a TCP socket whose peer had rules when it was opened: the program that sees
 * acknowledgements makes it, egress writes what it decides. Bounded by the host's sockets.
 */
struct tcp_flow {
	/* As egress decided it last; not matched before. */
	struct flow decided;
	/* When it was taken into account last, on TCP's clock. */
	__u64 counted_us;
	/* The least round trip on the list since then, and in the period before. */
	__u64 least_since_us;
	__u32 least_us;
	__u32 least_before_us;
	/* The list (index + 1; 0: none) that it is counted for, and the end of what had been sent
	 * when it took that list: what is before may have gone by another. */
	__u32 list;
	__u32 begun;
	/* All before it is acknowledged. */
	__u32 acknowledged;
	/* TCP's counts as far as they are taken in. */
	__u32 sent;
	__u32 sent_again;
	__u32 came_twice;
	/* All that it sent before it took the list is acknowledged. */
	__u8 is_settled;
	__u8 pad[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, struct tcp_flow);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} tcp_flows SEC(".maps");

/* So that the list of a socket is known where there is no packet to look at. */
static __always_inline void tcp_flow_decided(struct bpf_sock *socket, const struct flow *decided)
{
	struct tcp_flow *kept = bpf_sk_storage_get(&tcp_flows, socket, NULL, 0);

	if (kept)
		kept->decided = *decided;
}
