/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"

#define NS_PER_US      1000ULL
#define NS_PER_MS      1000000ULL
#define STALL_AVOIDED  2
#define AVOID_FIRST_NS (10000 * NS_PER_MS)
#define AVOID_MOST_NS  (60000 * NS_PER_MS)

/*
 * Kept with a socket from its first retransmission on, so bounded by the host's sockets. The
 * program that sees timeouts writes it, and egress: both as part of the socket's own work, one
 * after the other.
 */
struct stall {
	/* Lists (index + 1; 0: none) that its packets avoid, the latest first, and until when. */
	__u64 until_ns[STALL_AVOIDED];
	__u32 avoided[STALL_AVOIDED];
	/* It does not move before. */
	__u64 next_move_ns;
	/* The least time between its first moves. */
	__u64 pause_ns;
	/* Since when nothing was acknowledged. */
	__u64 silent_since_ns;
	/* What TCP had counted when the loss began that is looked at: segments sent, sent again,
	 * and reported as having come twice. */
	__u32 sent;
	__u32 sent_again;
	__u32 came_twice;
	/* Percent that the count before came to. */
	__u32 loss_before;
	/* When it last moved: what TCP had counted, the end of what it had sent, and how many
	 * segments of that were under way. */
	__u32 came_twice_then;
	__u32 sent_again_then;
	__u32 end_then;
	__u32 under_way_then;
	/* Since it was last well. */
	__u16 moves;
	/* A timeout said so; the next packet of the socket takes it. */
	__u8 is_silent;
	/* Moves that were wrong: each asks for more evidence. */
	__u8 undone;
	/* The last move was neither found right yet nor wrong. */
	__u8 is_in_doubt;
	__u8 pad[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, struct stall);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} stalls SEC(".maps");

/* One entry: until when some flow may avoid a list; 0: none does. The packet path of all others
 * asks nothing else. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} stalled_until SEC(".maps");

static __always_inline __u64 *stalled_until_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stalled_until, &zero);
}

/* From now on egress asks every TCP flow, until no list can be avoided any more. */
static __always_inline void stalled_begin(__u64 now_ns)
{
	__u64 *until_ns = stalled_until_get();

	if (until_ns)
		*until_ns = now_ns + AVOID_MOST_NS + NS_PER_MS;
}

static __noinline void flow_event_count(enum sxt_flow_event event)
{
	__u32 index = event;
	__u64 *flows = bpf_map_lookup_elem(&flow_events, &index);

	if (flows)
		*flows += 1;
}
