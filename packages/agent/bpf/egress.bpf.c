// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * tcx egress of an uplink: what leaves this host, onto the segment list of its policy.
 *
 *   remembered? -> own routing header? (probe of ours: stamp) -> destination -> best rule -> policy
 *   -> first candidate with a live list -> fits? -> insert or encapsulate
 */
#include "lib/classify.h"
#include "lib/flow_cache.h"
#include "lib/maps.h"
#include "lib/packet.h"
#include "lib/steer.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline enum sxt_reason egress(struct __sk_buff *skb)
{
	struct flow *flow = flow_recall(skb);
	enum sxt_reason reason;

	if (!flow) {
		/* A clone has no socket any more: its rule is not to be found again. */
		if (too_big_was_told(skb))
			return SXT_TOO_BIG_ROUTED;
		flow = flow_find(skb, &reason);
		if (!flow)
			return reason;
	}
	return flow->flags & FLOW_MATCHED ? steer(skb, flow) : flow->reason;
}

SEC("tc")
int sextant_egress(struct __sk_buff *skb)
{
	enum sxt_reason reason;

	reason_expect(SXT_NO_MATCH);
	reason = egress(skb);
	reason_count(reason);
	switch (reason) {
	case SXT_INSERTED_REDIRECTED ... SXT_TOO_BIG_DROPPED_TOLD:
		return TC_ACT_REDIRECT;
	case SXT_NO_PATH_DROPPED ... SXT_EGRESS_WRITE_FAILED:
		return TC_ACT_SHOT;
	default:
		return TC_ACT_UNSPEC;
	}
}
