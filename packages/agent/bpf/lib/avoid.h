/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "avoided.h"
#include "rate_limit.h"
#include "rhythm.h"

#define MOVES_MAX  16
#define UNDONE_MAX 1
/* Of fewer segments under way it cannot be told what was sent again in vain. */
#define SEGMENTS_TELLING 4

/* The TCP socket that sends this packet; NULL for all others. */
static __always_inline struct bpf_sock *tcp_sender(struct __sk_buff *skb, const struct flow *flow)
{
	struct bpf_sock *socket = skb->sk;

	if (flow->key.protocol != IPPROTO_TCP || skb->ingress_ifindex || !socket)
		return NULL;
	return bpf_sk_fullsock(socket);
}

/* Forgets a list whose time is over. */
static __always_inline void avoidance_end(struct stall *stall, __u32 i, __u64 now_ns)
{
	if (!stall->avoided[i] || now_ns < stall->until_ns[i])
		return;
	stall->avoided[i] = 0;
	flow_event_count(SXT_TCP_RETURNED);
}

static __always_inline void list_left(__u32 list)
{
	__u32 index = list - 1;
	__u64 *moves = bpf_map_lookup_elem(&list_moves, &index);

	if (moves)
		__sync_fetch_and_add(moves, 1);
}

static __always_inline void avoidance_begin(struct stall *stall, __u32 list, __u64 now_ns)
{
	__u64 avoid_ns;

	if (stall->until_ns[0] && now_ns > stall->until_ns[0] + AVOID_MOST_NS)
		stall->moves = 0;
	avoid_ns = AVOID_FIRST_NS << (stall->moves & 3);
	if (stall->moves >= 3)
		avoid_ns = AVOID_MOST_NS;
	if (stall->avoided[0] != list) {
		stall->avoided[1] = stall->avoided[0];
		stall->until_ns[1] = stall->until_ns[0];
	}
	stall->avoided[0] = list;
	stall->until_ns[0] = now_ns + avoid_ns;
	stall->is_in_doubt = 1;
	stall->next_move_ns = now_ns + (stall->pause_ns << (stall->moves & (MOVES_MAX - 1)));
	if (stall->moves < MOVES_MAX - 1)
		stall->moves++;
	stalled_begin(now_ns);
}

/* A flow whose list swallows what it sends: onto another one. The last path is never denied: with
 * all avoided it tries the earlier one again. */
static __noinline choice flow_move(struct stall *stall, const struct sxt_policy *policy,
				   struct flow *flow, choice silent)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u32 list = silent;
	choice other;

	if (probes_contradict(list - 1, now_ns - stall->silent_since_ns)) {
		flow_event_count(SXT_TCP_PROBES_CONTRADICT);
		return silent;
	}
	if (now_ns < stall->next_move_ns) {
		flow_event_count(SXT_TCP_MOVE_LIMITED);
		return silent;
	}
	other = policy_avoid(policy, flow, list_demand_avoiding(list, stall->avoided[0]));
	if (!other && stall->avoided[0] != list) {
		other = policy_avoid(policy, flow, list_demand_avoiding(list, 0));
		if (other)
			stall->avoided[0] = 0;
	}
	if (!other) {
		flow_event_count(SXT_TCP_NO_OTHER_LIST);
		return silent;
	}
	if (!rate_limit_take(LIMITED_TCP_MOVE)) {
		flow_event_count(SXT_TCP_MOVE_LIMITED);
		return silent;
	}
	avoidance_begin(stall, list, now_ns);
	list_left(list);
	flow_event_count(SXT_TCP_MOVED);
	return other;
}

static __always_inline void move_note(struct stall *stall, const struct bpf_tcp_sock *tcp)
{
	stall->came_twice_then = tcp->dsack_dups;
	stall->sent_again_then = tcp->total_retrans;
	stall->end_then = tcp->snd_nxt;
	stall->under_way_then = tcp->packets_out;
}

/*
 * Whether what was under way at the move had arrived, and only its acknowledgement was late: a peer
 * too busy to receive looks like a list that swallows. Then everything is acknowledged with little
 * sent again; of a single segment, the peer says that it came twice (RFC 2883).
 */
static __always_inline bool move_was_wrong(const struct stall *stall,
					   const struct bpf_tcp_sock *tcp)
{
	if (stall->under_way_then < SEGMENTS_TELLING)
		return tcp->dsack_dups != stall->came_twice_then;
	return (tcp->total_retrans - stall->sent_again_then) * 2 < stall->under_way_then;
}

/* Judges the last move as soon as all that was sent before it is acknowledged. */
static __noinline void move_review(struct stall *stall, const struct bpf_tcp_sock *tcp)
{
	if ((__s32)(tcp->snd_una - stall->end_then) < 0)
		return;
	stall->is_in_doubt = 0;
	if (!move_was_wrong(stall, tcp))
		return;
	stall->avoided[0] = 0;
	if (stall->undone < UNDONE_MAX)
		stall->undone++;
	flow_event_count(SXT_TCP_MOVE_UNDONE);
}

/* What takes the place of the policy's choice for this packet, while some flow avoids a list.
 * Packets that are spread one by one have no list to leave. */
static __noinline choice stall_choose(struct __sk_buff *skb, struct flow *flow,
				      const struct sxt_policy *policy, choice chosen)
{
	struct bpf_sock *socket = tcp_sender(skb, flow);
	__u64 *until_ns = stalled_until_get();
	__u64 now_ns = bpf_ktime_get_ns();
	struct bpf_tcp_sock *tcp;
	struct stall *stall;

	if (until_ns && now_ns > *until_ns)
		*until_ns = 0;
	if (!socket || !policy || policy->spread == SXT_SPREAD_PACKET)
		return chosen;
	stall = bpf_sk_storage_get(&stalls, socket, NULL, 0);
	tcp = bpf_tcp_sock(socket);
	if (!stall || !tcp)
		return chosen;
	if (stall->is_in_doubt)
		move_review(stall, tcp);
	avoidance_end(stall, 0, now_ns);
	avoidance_end(stall, 1, now_ns);
	chosen = stall_avoid(stall, policy, flow, chosen);
	if (!stall->is_silent)
		return chosen;
	stall->is_silent = 0;
	move_note(stall, tcp);
	return flow_move(stall, policy, flow, chosen);
}
