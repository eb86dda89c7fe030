/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/tcp.h>
#include <linux/types.h>
#include "packet.h"
#include "stall.h"

#define AF_INET_NUMBER 2
#define SOL_TCP_NUMBER 6
#define STATE_SYN_SENT BPF_TCP_SYN_SENT

/*
 * Least timeout of connections to destinations with rules. Two ticks of a kernel with 250 of them
 * a second, the least that such a kernel takes; its own default is 200 ms.
 */
#define TIMEOUT_MIN_US 8000
#define PAUSE_MIN_NS   (10 * NS_PER_MS)

/* Segments over which loss is counted; what is further back says nothing about now. */
#define LOSS_WINDOW 1024
/* Segments without loss that are taken for granted: the first that is lost proves little. */
#define LOSS_PRIOR 16
/* Of a connection that has sent fewer segments it is not known how much it loses. */
#define LOSS_KNOWN 64

/* What is read of the kernel's structure; the loader puts in the offsets of the running kernel. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct tcp_sock {
	__u64 tcp_mstamp;
	__u64 delivered_mstamp;
	__u32 dsack_dups;
	__u32 tlp_high_seq;
};
#pragma clang attribute pop

/* Whether any rule is about the peer's address. */
static __noinline bool peer_has_rules(struct bpf_sock_ops *event)
{
	struct sxt_prefix prefix = {.length = 128};
	__u32 *address = (__u32 *)prefix.address;
	__u32 ipv4 = event->remote_ip4;

	/* Or the compiler makes one access of this one and the last below, with a computed
	 * offset, which the verifier refuses. */
	asm volatile("" : "+r"(ipv4));
	if (event->family == AF_INET_NUMBER) {
		address[2] = bpf_htonl(0xffff);
		address[3] = ipv4;
	} else {
		address[0] = event->remote_ip6[0];
		address[1] = event->remote_ip6[1];
		address[2] = event->remote_ip6[2];
		address[3] = event->remote_ip6[3];
	}
	return bpf_map_lookup_elem(&destinations, &prefix) != NULL;
}

static __always_inline void timeout_shorten(struct bpf_sock_ops *event)
{
	int least_us = TIMEOUT_MIN_US;

	/* Refused where a tick is longer: timeouts are then what they were. */
	bpf_setsockopt(event, SOL_TCP_NUMBER, TCP_BPF_RTO_MIN, &least_us, sizeof(least_us));
}

static __always_inline void socket_watch(struct bpf_sock_ops *event)
{
	bpf_sock_ops_cb_flags_set(event, event->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_RTO_CB_FLAG |
					     BPF_SOCK_OPS_RETRANS_CB_FLAG);
}

/* What is kept of the socket, made if need be; NULL when there is no memory for it. */
static __always_inline struct stall *stall_of(struct bpf_sock_ops *event)
{
	struct bpf_sock *socket = event->sk;
	struct stall *stall;

	if (!socket)
		return NULL;
	stall = bpf_sk_storage_get(&stalls, socket, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!stall)
		flow_event_count(SXT_TCP_NOT_KEPT);
	return stall;
}

/* Segments that may leave as one super-packet, and so be lost together. */
#define SEGMENTS_TOGETHER 64
#define WITNESSES_MAX	  2

/* Percent of the segments since the count began that were lost, without those that are excused. */
static __always_inline __u32 loss_counted(struct bpf_sock_ops *event, const struct stall *stall,
					  const struct tcp_sock *tcp, __u32 excused)
{
	__u32 sent = event->data_segs_out - stall->sent;
	__u32 again = event->total_retrans - stall->sent_again;

	excused += tcp->dsack_dups - stall->came_twice;
	return again <= excused ? 0 : 100 * (again - excused) / (sent + LOSS_PRIOR);
}

/* A segment was sent again. Where the count is over, or there is none, it begins here; what it came
 * to is kept while the next one has little to say. */
static __always_inline void loss_note(struct bpf_sock_ops *event)
{
	struct bpf_sock *socket = event->sk;
	struct tcp_sock *tcp = socket ? bpf_skc_to_tcp_sock(socket) : NULL;
	struct stall *stall;
	__u32 sent;

	if (!tcp)
		return;
	stall = stall_of(event);
	if (!stall)
		return;
	sent = event->data_segs_out - stall->sent;
	if (stall->sent && sent <= LOSS_WINDOW)
		return;
	stall->loss_before = 0;
	if (stall->sent && sent <= 2 * LOSS_WINDOW)
		stall->loss_before = loss_counted(event, stall, tcp, 0);
	stall->sent = event->data_segs_out;
	stall->sent_again = event->total_retrans - event->args[1];
	stall->came_twice = tcp->dsack_dups;
}

/* Percent of the last segments that were lost, without those that went into this silence. */
static __always_inline __u32 loss_percent(struct bpf_sock_ops *event, const struct stall *stall,
					  const struct tcp_sock *tcp, __u32 again_in_silence)
{
	__u32 sent = event->data_segs_out - stall->sent;
	__u32 now;

	if (!stall->sent || sent > 2 * LOSS_WINDOW)
		return 0;
	now = loss_counted(event, stall, tcp, again_in_silence);
	return now > stall->loss_before ? now : stall->loss_before;
}

/* How much must have gone unanswered, at a share of loss, for loss to be no explanation: less than
 * one such run in ten thousand is chance. */
static __always_inline __u32 evidence_needed(__u32 percent, __u32 sent)
{
	if (sent < LOSS_KNOWN)
		return percent < 10 ? 4 : 10;
	if (!percent)
		return 2;
	if (percent < 5)
		return 3;
	if (percent < 10)
		return 4;
	return percent < 20 ? 6 : 10;
}

/*
 * How often something was sent into this silence: the segment that opens the window, what was sent
 * again of it, and what lies under way behind it, where not even a part of that was acknowledged. 0
 * as long as nothing was sent again: an acknowledgement that is late once is nothing.
 */
static __always_inline __u32 unanswered(struct bpf_sock_ops *event, __u32 again)
{
	__u32 behind = event->sacked_out ? 0 : event->packets_out / SEGMENTS_TOGETHER;

	if (!again)
		return 0;
	return 1 + again + (behind > WITNESSES_MAX ? WITNESSES_MAX : behind);
}

/*
 * The retransmission timer has run out: the segment that opens the window was sent, maybe probed
 * for (RFC 8985 section 7), and sent again, and nothing of it was acknowledged. A connection that
 * is being opened has no history: its first timeout, a second, will do.
 */
static __always_inline void timeout_note(struct bpf_sock_ops *event)
{
	struct bpf_sock *socket = event->sk;
	struct tcp_sock *tcp = socket ? bpf_skc_to_tcp_sock(socket) : NULL;
	__u64 now_ns = bpf_ktime_get_ns();
	__u32 again, percent;
	struct stall *stall;

	if (!tcp || !peer_has_rules(event))
		return;
	timeout_shorten(event);
	stall = stall_of(event);
	if (!stall)
		return;
	again = event->args[0] + (tcp->tlp_high_seq ? 1 : 0);
	percent = loss_percent(event, stall, tcp, again);
	if (event->state != STATE_SYN_SENT &&
	    unanswered(event, again) <
		evidence_needed(percent, event->data_segs_out) + stall->undone) {
		flow_event_count(SXT_TCP_TIMEOUT_DOUBTED);
		return;
	}
	/* Four round trips: srtt_us is kept in eighths of a microsecond. */
	stall->pause_ns = event->srtt_us / 2 * 1000ULL;
	if (stall->pause_ns < PAUSE_MIN_NS)
		stall->pause_ns = PAUSE_MIN_NS;
	/* The last delivery, or the start of what is under way, whichever is later. */
	stall->silent_since_ns = tcp->delivered_mstamp * NS_PER_US;
	stall->is_silent = 1;
	stalled_begin(now_ns);
}
