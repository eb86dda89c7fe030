/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "probe.h"

/* Of several that come back in any order the highest counts. A CPU that keeps losing to others
 * leaves it to the next probe. */
static __always_inline void probe_raise_returned(struct sxt_list_state *state, __u64 sequence)
{
	__u64 returned;
	int i;

	__sync_fetch_and_add(&state->returned_count, 1);
	for (i = 0; i < 4; i++) {
		returned = state->returned;
		if (sequence <= returned ||
		    __sync_val_compare_and_swap(&state->returned, returned, sequence) == returned)
			break;
	}
}

/* How many probes were sent after the one of this number, of which the packet has 32 bits. */
static __always_inline __u32 probe_age(__u64 sent, __be32 sequence)
{
	return (__u32)sent - bpf_ntohl(sequence);
}

/*
 * A finished probe. The packet has 32 bits of each sequence number; the rest follows from what was
 * sent. Only a number beyond the last returned of its loop and not beyond the last sent counts, so
 * that nothing can be replayed or made up. Loops differ in length: a probe of one may come back
 * after a later one of the other.
 */
static __noinline enum sxt_reason probe_receive(const struct probe_datagram *datagram)
{
	const struct sxt_probe *probe = &datagram->probe;
	__u64 sent, returned, list_sent, sent_ns, now_ns = bpf_ktime_get_ns();
	__u32 age, list_age, slot = bpf_ntohs(probe->list_slot);
	struct sxt_list_state *state, *loop;
	struct sxt_list_loops *loops;
	const struct sxt_list *list;

	list = bpf_map_lookup_elem(&lists, &slot);
	state = bpf_map_lookup_elem(&list_states, &slot);
	loops = bpf_map_lookup_elem(&list_loops, &slot);
	if (!list || !state || !loops || !list->key)
		return SXT_PROBE_LIST_UNKNOWN;
	if (bpf_cpu_to_be64(list->nonce) != probe->nonce || probe->loop >= SXT_LOOPS)
		return SXT_PROBE_FORGED;
	loop = &loops->loops[probe->loop % SXT_LOOPS];
	sent = loop->sent;
	list_sent = state->sent;
	returned = loop->returned;
	age = probe_age(sent, probe->loop_sequence);
	list_age = probe_age(list_sent, probe->sequence);
	if (age >= sent || (!probe->loop_only && list_age >= list_sent))
		return SXT_PROBE_UNSENT;
	/* Another CPU that was faster has recorded this number or a later one. */
	if (sent - age <= returned ||
	    __sync_val_compare_and_swap(&loop->returned, returned, sent - age) != returned)
		return SXT_PROBE_REPLAYED;
	__sync_fetch_and_add(&loop->returned_count, 1);
	sent_ns = bpf_ntohl(probe->seconds) * NS_PER_SECOND + bpf_ntohl(probe->nanoseconds);
	if (sent_ns <= now_ns)
		loop->round_trip_ns = state->round_trip_ns = now_ns - sent_ns;
	if (!probe->loop_only)
		probe_raise_returned(state, list_sent - list_age);
	return SXT_PROBE_RETURNED;
}

/* What follows a finished SRH, at `offset`: SXT_INGRESS_PLAIN where it is no probe of ours. */
static __noinline enum sxt_reason probe_arrived(struct __sk_buff *skb, __u32 offset)
{
	struct probe_datagram datagram;

	return probe_load(skb, offset, &datagram) ? probe_receive(&datagram) : SXT_INGRESS_PLAIN;
}
