/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "decapsulate.h"
#include "locality.h"
#include "maps.h"
#include "packet.h"
#include "parameter_problem.h"
#include "probe_receive.h"
#include "srh.h"
#include "strip.h"
#include "upper_layer.h"

/*
 * What arrives with a routing header, or for the decapsulation SID. Who sent it is asked first:
 * nobody outside the domain learns anything, not even what is wrong.
 */

static __always_inline enum sxt_reason walk_reason(enum walk walk)
{
	return walk == WALK_EXCEEDED ? SXT_INGRESS_HEADERS_EXCEEDED : SXT_INGRESS_MALFORMED;
}

/* The SID takes no such upper layer. RFC 8986 section 4.1.1. */
static __always_inline enum sxt_reason
upper_layer_refuse(struct __sk_buff *skb, const struct cursor *at, const struct ipv6hdr *ip6)
{
	struct problem problem = {.code = PROBLEM_SR_UPPER_LAYER,
				  .pointer = at->offset - IP6_OFFSET};

	return parameter_problem(skb, ip6, &problem) ? SXT_UPPER_LAYER_ANSWERED
						     : SXT_UPPER_LAYER_REFUSED;
}

/* All segments are done and the upper layer is at `at`; the source is trusted. */
static __always_inline enum sxt_reason
decapsulation_sid(struct __sk_buff *skb, const struct cursor *at, const struct ipv6hdr *ip6)
{
	if (at->fragment != FRAGMENT_NONE)
		return SXT_DECAPSULATION_FRAGMENT;
	if (at->next_header != IPPROTO_IPV6 && at->next_header != IPPROTO_IPIP)
		return upper_layer_refuse(skb, at, ip6);
	return decapsulate(skb, at, ip6);
}

/* A later fragment may begin with options of its datagram: the first one says what comes behind
 * them. */
static __always_inline bool may_finish(const struct cursor *at)
{
	return upper_layer_may_finish(at->next_header) ||
	       (at->fragment == FRAGMENT_LATER && at->next_header == IPPROTO_DSTOPTS);
}

/* The packet has reached its last segment, here: a probe of ours that has come round, or somebody's
 * traffic. */
static __always_inline enum sxt_reason finish(struct __sk_buff *skb, const struct cursor *at,
					      const struct srh_header *srh,
					      const struct ipv6hdr *ip6, enum locality locality)
{
	struct cursor after = {.offset = at->offset + srh_bytes(srh),
			       .next_header = srh->next_header};
	enum sxt_reason reason;
	enum walk walk;

	if (srh->next_header == IPPROTO_UDP) {
		reason = probe_arrived(skb, after.offset);
		if (reason != SXT_INGRESS_PLAIN)
			return reason;
	}
	walk = cursor_walk(skb, &after);
	if (walk != WALK_DONE)
		return walk_reason(walk);
	/* A second routing header would be the kernel's to obey, unguarded. */
	if (after.next_header == IPPROTO_ROUTING)
		return SXT_SRH_MISPLACED;
	if (locality == LOCALITY_DECAPSULATION_SID)
		return decapsulation_sid(skb, &after, ip6);
	if (locality == LOCALITY_NODE_SID || !may_finish(&after))
		return upper_layer_refuse(skb, &after, ip6);
	return strip(skb, at, srh->next_header, srh_bytes(srh), bpf_ntohs(ip6->payload_len));
}

/* The octet of the routing header at this offset of the frame is at fault. */
static __always_inline bool header_field_answer(struct __sk_buff *skb, const struct ipv6hdr *ip6,
						__u32 offset)
{
	struct problem problem = {.code = PROBLEM_HEADER_FIELD, .pointer = offset - IP6_OFFSET};

	return parameter_problem(skb, ip6, &problem);
}

static __noinline enum sxt_reason routed(struct __sk_buff *skb, const struct cursor *at)
{
	enum locality locality;
	struct srh_header srh;
	struct ipv6hdr ip6 WORDS;
	__u32 end, fault;

	if (at->fragment != FRAGMENT_NONE)
		return SXT_SRH_MISPLACED; /* RFC 8200 section 4.1: the fragment header follows */
	if (bpf_skb_load_bytes(skb, IP6_OFFSET, &ip6, sizeof(ip6)) ||
	    bpf_skb_load_bytes(skb, at->offset, &srh, sizeof(srh)))
		return SXT_INGRESS_MALFORMED;
	end = IP6_END_OFFSET + bpf_ntohs(ip6.payload_len);
	if (end > skb->len)
		return SXT_INGRESS_MALFORMED;
	locality = outer_locality(skb, &ip6);
	if (locality == LOCALITY_UNTRUSTED)
		return SXT_SRH_SOURCE_REFUSED;
	if (locality == LOCALITY_ELSEWHERE)
		return SXT_SRH_NOT_FOR_HOST;
	if (srh.routing_type != SRH_ROUTING_TYPE) /* RFC 8200 section 4.4 */
		return srh.segments_left &&
			       header_field_answer(skb, &ip6,
						   at->offset +
						       offsetof(struct srh_header, routing_type))
			   ? SXT_SRH_TYPE_ANSWERED
			   : SXT_SRH_TYPE_REFUSED;
	fault = srh_fault(skb, &srh, at->offset, end);
	if (fault != SRH_WELL_FORMED)
		return header_field_answer(skb, &ip6, fault) ? SXT_SRH_MALFORMED_ANSWERED
							     : SXT_SRH_MALFORMED;
	if (srh.segments_left)
		return locality == LOCALITY_NODE_SID ? SXT_TURNED_ROUND : SXT_SRH_NOT_FOR_HOST;
	return finish(skb, at, &srh, &ip6, locality);
}

/* Without a routing header: one carrier, or one segment, was enough. */
static __noinline enum sxt_reason unrouted(struct __sk_buff *skb, const struct cursor *at)
{
	struct ipv6hdr ip6 WORDS;

	if (bpf_skb_load_bytes(skb, IP6_OFFSET, &ip6, sizeof(ip6)) ||
	    IP6_END_OFFSET + bpf_ntohs(ip6.payload_len) > skb->len)
		return SXT_INGRESS_MALFORMED;
	if (outer_locality(skb, &ip6) == LOCALITY_UNTRUSTED)
		return SXT_DECAPSULATION_SOURCE_REFUSED;
	return decapsulation_sid(skb, at, &ip6);
}
