/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"
#include "probe.h"
#include "redirect.h"
#include "rhythm.h"
#include "srh.h"

/* Writes sequence numbers and time, and adapts the checksum (RFC 1624). */
static __noinline bool probe_stamp(struct __sk_buff *skb, __u32 offset,
				   const struct probe_datagram *datagram, __u64 sequence,
				   __u64 loop_sequence)
{
	const __u32 payload = offset + sizeof(struct udphdr);
	__u64 now_ns = bpf_ktime_get_ns();
	/* The first three open the payload. */
	__be32 stamp[4] = {bpf_htonl((__u32)sequence), bpf_htonl(now_ns / NS_PER_SECOND),
			   bpf_htonl(now_ns % NS_PER_SECOND), bpf_htonl((__u32)loop_sequence)};
	__be32 old[4];
	__s64 sum;
	__u16 check;

	__builtin_memcpy(old, &datagram->probe, 12);
	old[3] = datagram->probe.loop_sequence;
	sum = bpf_csum_diff(old, sizeof(old), stamp, sizeof(stamp), (__u16)~datagram->udp.check);
	sum = (sum & 0xffff) + ((__u32)sum >> 16);
	check = ~((sum & 0xffff) + (sum >> 16));
	if (!check)
		check = 0xffff;
	return !bpf_skb_store_bytes(skb, payload, stamp, 12, 0) &&
	       !bpf_skb_store_bytes(skb, payload + offsetof(struct sxt_probe, loop_sequence),
				    &stamp[3], sizeof(stamp[3]), 0) &&
	       !bpf_skb_store_bytes(skb, offset + offsetof(struct udphdr, check), &check,
				    sizeof(check), 0);
}

/* Counts a probe and sends it on its way. */
static __always_inline enum sxt_reason
probe_count(struct __sk_buff *skb, __u32 offset, const struct probe_datagram *datagram, __u32 slot)
{
	struct sxt_list_state *state = bpf_map_lookup_elem(&list_states, &slot);
	struct sxt_list_loops *loops = bpf_map_lookup_elem(&list_loops, &slot);
	__u64 sequence, loop_sequence;

	if (!state || !loops || datagram->probe.loop >= SXT_LOOPS)
		return SXT_ALREADY_ROUTED;
	loop_sequence =
	    __sync_fetch_and_add(&loops->loops[datagram->probe.loop % SXT_LOOPS].sent, 1) + 1;
	sequence =
	    datagram->probe.loop_only ? state->sent : __sync_fetch_and_add(&state->sent, 1) + 1;
	if (!probe_stamp(skb, offset, datagram, sequence, loop_sequence))
		return SXT_EGRESS_WRITE_FAILED;
	/* One that asks after a loop leaves beside another. */
	if (!datagram->probe.loop_only)
		rhythm_note(slot);
	return SXT_PROBE_SENT;
}

/*
 * A packet that brings its own routing header: our prober's, or somebody else's business. Only what
 * this host sends itself can be a probe of ours, and only with the secret of the list.
 */
static __noinline enum sxt_reason probe_send(struct __sk_buff *skb)
{
	const struct sxt_next_hop *next_hop;
	struct probe_datagram datagram;
	const struct sxt_list *list;
	struct srh_header srh;
	__u32 offset, slot, hop;

	is_redirected(skb);
	if (skb->ingress_ifindex || bpf_skb_load_bytes(skb, IP6_END_OFFSET, &srh, sizeof(srh)) ||
	    srh.routing_type != SRH_ROUTING_TYPE || srh.next_header != IPPROTO_UDP)
		return SXT_ALREADY_ROUTED;
	offset = IP6_END_OFFSET + (srh.length + 1) * 8;
	if (!probe_load(skb, offset, &datagram))
		return SXT_ALREADY_ROUTED;
	slot = bpf_ntohs(datagram.probe.list_slot);
	list = bpf_map_lookup_elem(&lists, &slot);
	if (!list || !list->key || bpf_be64_to_cpu(datagram.probe.nonce) != list->nonce)
		return SXT_ALREADY_ROUTED;
	hop = list->next_hop;
	next_hop = bpf_map_lookup_elem(&next_hops, &hop);
	if (!next_hop)
		return SXT_UPLINK_MISSING;
	if (next_hop->ifindex != skb->ifindex) {
		/* Stamped there, where the program runs again. */
		if (!next_hop_exists(skb, next_hop))
			return SXT_UPLINK_MISSING;
		next_hop_redirect(skb, hop, next_hop, list->first_segment);
		return SXT_PROBE_REDIRECTED;
	}
	return probe_count(skb, offset, &datagram, slot);
}
