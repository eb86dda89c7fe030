/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "probe.h"

/*
 * A finished probe. The packet has 32 bits of the sequence number; the rest follows from what was
 * sent. Only a number beyond the last returned and not beyond the last sent counts, so that nothing
 * can be replayed or made up.
 */
static __noinline enum sxt_reason probe_receive(const struct probe_datagram *datagram)
{
	__u64 list_slot = bpf_be64_to_cpu(datagram->probe.list_slot);
	__u64 sent, returned, sequence, sent_ns, now_ns = bpf_ktime_get_ns();
	struct sxt_list_state *state;
	const struct sxt_list *list;
	__u32 age, slot = list_slot;

	if (list_slot >= SXT_MAX_LISTS)
		return SXT_PROBE_LIST_UNKNOWN;
	list = bpf_map_lookup_elem(&lists, &slot);
	state = bpf_map_lookup_elem(&list_states, &slot);
	if (!list || !state || !list->key)
		return SXT_PROBE_LIST_UNKNOWN;
	if (bpf_cpu_to_be64(list->nonce) != datagram->probe.nonce)
		return SXT_PROBE_FORGED;
	sent = state->sent;
	returned = state->returned;
	age = (__u32)sent - bpf_ntohl(datagram->probe.sequence);
	if (age >= sent)
		return SXT_PROBE_UNSENT;
	sequence = sent - age;
	/* Another CPU that was faster has recorded this number or a later one. */
	if (sequence <= returned ||
	    __sync_val_compare_and_swap(&state->returned, returned, sequence) != returned)
		return SXT_PROBE_REPLAYED;
	__sync_fetch_and_add(&state->returned_count, 1);
	sent_ns = bpf_ntohl(datagram->probe.seconds) * NS_PER_SECOND +
		  bpf_ntohl(datagram->probe.nanoseconds);
	if (sent_ns <= now_ns)
		state->round_trip_ns = now_ns - sent_ns;
	return SXT_PROBE_RETURNED;
}

/* What follows a finished SRH, at `offset`: SXT_INGRESS_PLAIN where it is no probe of ours. */
static __noinline enum sxt_reason probe_arrived(struct __sk_buff *skb, __u32 offset)
{
	struct probe_datagram datagram;

	return probe_load(skb, offset, &datagram) ? probe_receive(&datagram) : SXT_INGRESS_PLAIN;
}
