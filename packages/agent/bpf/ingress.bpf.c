// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * tcx ingress of an uplink: the guard. Segment routing headers come from the SR domain and for this
 * host, or not at all.
 *
 *   SRH? -> well-formed, trusted source -> segments left: ours to turn round | finished here: our
 * probe, or strip
 */
#include "lib/maps.h"
#include "lib/packet.h"
#include "lib/probe_receive.h"
#include "lib/srh.h"
#include "lib/strip.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The packet has reached its last segment, here: a probe of ours that has come round, or somebody's
 * traffic. */
static __always_inline enum sxt_reason finish(struct __sk_buff *skb, const struct cursor *at,
					      const struct srh_header *srh, __u32 payload_bytes)
{
	struct probe_datagram datagram;
	struct cursor after = {.offset = at->offset + srh_bytes(srh),
			       .next_header = srh->next_header};

	if (srh->next_header == IPPROTO_UDP && probe_load(skb, after.offset, &datagram))
		return probe_receive(&datagram);
	switch (cursor_walk(skb, &after)) {
	case WALK_DONE:
		break;
	case WALK_TRUNCATED:
		return SXT_INGRESS_MALFORMED;
	case WALK_EXCEEDED:
		return SXT_INGRESS_HEADERS_EXCEEDED;
	}
	/* A second routing header would be the kernel's to obey, unguarded. */
	if (after.next_header == IPPROTO_ROUTING && after.fragment != FRAGMENT_LATER)
		return SXT_SRH_MISPLACED;
	return strip(skb, at, srh->next_header, srh_bytes(srh), payload_bytes);
}

static __noinline enum sxt_reason routed(struct __sk_buff *skb, const struct cursor *at)
{
	const struct sxt_host_config *config = host_config_get();
	struct srh_header srh;
	struct ipv6hdr ip6;

	if (at->fragment != FRAGMENT_NONE)
		return SXT_SRH_MISPLACED; /* RFC 8200 section 4.1: the fragment header follows */
	if (bpf_skb_load_bytes(skb, IP6_OFFSET, &ip6, sizeof(ip6)) ||
	    bpf_skb_load_bytes(skb, at->offset, &srh, sizeof(srh)))
		return SXT_INGRESS_MALFORMED;
	if (srh.routing_type != SRH_ROUTING_TYPE)
		return SXT_SRH_TYPE_REFUSED;
	if (!srh_is_well_formed(&srh, at->offset, bpf_ntohs(ip6.payload_len)))
		return SXT_SRH_MALFORMED;
	if (!source_is_trusted(&ip6.saddr))
		return SXT_SRH_SOURCE_REFUSED;
	if (srh.segments_left) {
		bool ours = config && address_equal(&ip6.daddr, config->node_sid);

		return ours ? SXT_TURNED_ROUND : SXT_SRH_NOT_FOR_HOST;
	}
	if (!address_is_local(skb, &ip6.saddr, &ip6.daddr))
		return SXT_SRH_NOT_FOR_HOST;
	return finish(skb, at, &srh, bpf_ntohs(ip6.payload_len));
}

static __always_inline enum sxt_reason ingress(struct __sk_buff *skb)
{
	const struct ipv6hdr *ip6;
	struct cursor at;

	if (skb->protocol != bpf_htons(ETH_P_IPV6))
		return SXT_INGRESS_NOT_IPV6;
	ip6 = ip6_get(skb);
	if (!ip6)
		return SXT_INGRESS_MALFORMED;
	at = cursor_after_ip6(ip6);
	switch (cursor_walk(skb, &at)) {
	case WALK_DONE:
		break;
	case WALK_TRUNCATED:
		return SXT_INGRESS_MALFORMED;
	case WALK_EXCEEDED:
		return SXT_INGRESS_HEADERS_EXCEEDED;
	}
	if (at.next_header == IPPROTO_ROUTING && at.fragment != FRAGMENT_LATER)
		return routed(skb, &at);
	return SXT_INGRESS_PLAIN;
}

SEC("tc")
int sextant_ingress(struct __sk_buff *skb)
{
	enum sxt_reason reason = ingress(skb);

	reason_count(reason);
	switch (reason) {
	case SXT_INGRESS_NOT_IPV6:
	case SXT_INGRESS_PLAIN:
	case SXT_TURNED_ROUND:
	case SXT_SRH_STRIPPED:
		return TC_ACT_UNSPEC;
	default:
		return TC_ACT_SHOT;
	}
}
