/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "avoided.h"
#include "silence.h"
#include "tcp_flow.h"

/* A connection is taken into account once in so long, whatever is acknowledged meanwhile. */
#define ACCOUNT_PAUSE_US 1000
/* The least round trip is that of one or two such periods: what lasts longer is how the way is. The
 * kernel's own least is of as long (tcp_min_rtt_wlen). */
#define LEAST_PERIOD_US 300000000ULL
#define NO_ROUND_TRIP	0xffffffffU
/* Of so many segments one is acknowledged at once: RFC 9293 section 3.8.6.3. */
#define SEGMENTS_AT_ONCE 2

/* From now on every acknowledgement of the connection is told. */
static __always_inline void account_open(struct bpf_sock_ops *event)
{
	struct bpf_sock *socket = event->sk;

	if (socket && bpf_sk_storage_get(&tcp_flows, socket, NULL, BPF_SK_STORAGE_GET_F_CREATE))
		bpf_sock_ops_cb_flags_set(event,
					  event->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_RTT_CB_FLAG);
}

/*
 * The list (index + 1) that the next packet of the socket will take; 0 where that is not known:
 * egress has decided nothing yet, something has changed since, or the flow has no list of its own.
 */
static __noinline __u32 account_list(struct bpf_sock *socket, struct flow *flow)
{
	const __u64 *stalled = stalled_until_get();
	const struct sxt_policy *policy;
	__u32 index = flow->policy;
	const struct stall *stall;
	choice chosen;

	if (!(flow->flags & FLOW_MATCHED) || flow->epoch != epoch_now())
		return 0;
	policy = bpf_map_lookup_elem(&policies, &index);
	if (!policy || !policy->key || policy->spread != SXT_SPREAD_FLOW)
		return 0;
	chosen = policy_select(policy, flow);
	if (!stalled || !*stalled)
		return chosen;
	stall = bpf_sk_storage_get(&stalls, socket, NULL, 0);
	return stall ? stall_avoid(stall, policy, flow, chosen) : chosen;
}

/* The connection took this list a moment ago. What it sent before may be lost by the other one. */
static __always_inline void account_begin(struct tcp_flow *kept, const struct bpf_sock_ops *event,
					  __u32 list)
{
	kept->list = list;
	kept->begun = event->snd_nxt;
	kept->is_settled = 0;
}

static __always_inline void account_settle(struct tcp_flow *kept, const struct bpf_sock_ops *event,
					   const struct tcp_sock *tcp)
{
	if ((__s32)(event->snd_una - kept->begun) < 0)
		return;
	kept->is_settled = 1;
	kept->sent = event->data_segs_out;
	kept->sent_again = event->total_retrans;
	kept->came_twice = tcp->dsack_dups;
	kept->least_us = NO_ROUND_TRIP;
	kept->least_before_us = NO_ROUND_TRIP;
	kept->least_since_us = kept->counted_us;
}

static __always_inline __u32 least_round_trip(struct tcp_flow *kept, __u32 round_trip_us)
{
	if (kept->counted_us - kept->least_since_us > LEAST_PERIOD_US) {
		kept->least_before_us = kept->least_us;
		kept->least_us = NO_ROUND_TRIP;
		kept->least_since_us = kept->counted_us;
	}
	if (round_trip_us < kept->least_us)
		kept->least_us = round_trip_us;
	return kept->least_us < kept->least_before_us ? kept->least_us : kept->least_before_us;
}

/* Sums of a CPU are added to atomically: TCP works on sockets in softirqs and in system calls. */
static __always_inline void round_trip_add(struct sxt_list_tcp *sums, struct tcp_flow *kept,
					   __u32 round_trip_us)
{
	__u32 rise_us = round_trip_us - least_round_trip(kept, round_trip_us);

	__sync_fetch_and_add(&sums->round_trips, 1);
	__sync_fetch_and_add(&sums->round_trip_us, round_trip_us);
	if (rise_us)
		__sync_fetch_and_add(&sums->rise_us, rise_us);
}

static __always_inline void segments_add(struct sxt_list_tcp *sums, struct tcp_flow *kept,
					 const struct bpf_sock_ops *event,
					 const struct tcp_sock *tcp)
{
	__u32 sent = event->data_segs_out, again = event->total_retrans;
	__u32 twice = tcp->dsack_dups;

	__sync_fetch_and_add(&sums->sent, sent - kept->sent);
	if (again != kept->sent_again)
		__sync_fetch_and_add(&sums->sent_again, again - kept->sent_again);
	if (twice != kept->came_twice)
		__sync_fetch_and_add(&sums->came_twice, twice - kept->came_twice);
	kept->sent = sent;
	kept->sent_again = again;
	kept->came_twice = twice;
}

/*
 * Something was acknowledged. Round trips count where two segments or more were, at once: the
 * answer to a single one may wait for what its receiver has to say (RFC 9293 section 3.8.6.3).
 * Before 6.10 the kernel tells the smoothed round trip alone.
 */
static __always_inline void account_note(struct bpf_sock_ops *event)
{
	struct bpf_sock *socket = event->sk;
	struct tcp_sock *tcp = socket ? bpf_skc_to_tcp_sock(socket) : NULL;
	struct sxt_list_tcp *sums;
	struct tcp_flow *kept;
	__u32 bytes, list;

	if (!tcp)
		return;
	kept = bpf_sk_storage_get(&tcp_flows, socket, NULL, 0);
	if (!kept)
		return;
	bytes = event->snd_una - kept->acknowledged;
	kept->acknowledged = event->snd_una;
	if (tcp->tcp_mstamp - kept->counted_us < ACCOUNT_PAUSE_US)
		return;
	kept->counted_us = tcp->tcp_mstamp;
	list = account_list(socket, &kept->decided);
	if (list != kept->list)
		account_begin(kept, event, list);
	if (!kept->is_settled) {
		account_settle(kept, event, tcp);
		return;
	}
	list -= 1;
	sums = bpf_map_lookup_elem(&list_tcp, &list);
	if (!sums)
		return;
	segments_add(sums, kept, event, tcp);
	if (bytes >= SEGMENTS_AT_ONCE * event->mss_cache)
		round_trip_add(sums, kept, event->args[0] ? event->args[0] : event->srtt_us >> 3);
}
