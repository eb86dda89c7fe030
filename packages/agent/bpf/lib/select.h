/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "liveness.h"
#include "spread.h"

/* A list (index + 1; 0: none) in the lower half, the candidate that it is of, by its index in
 * `leg_counters`, in the upper one. */
typedef __u64 choice;

/* The list (index + 1; 0: none is usable) that a group gives the packet. */
__standalone __u32 group_select(const struct sxt_policy *policy, struct flow *flow, __u32 index,
				list_demand demand)
{
	const struct sxt_group *group = bpf_map_lookup_elem(&groups, &index);

	if (!group || !policy || !flow)
		return 0;
	switch (policy->spread) {
	case SXT_SPREAD_PACKET:
		return spread_packet(group, demand);
	case SXT_SPREAD_FLOWLET:
		return spread_flowlet(group, index, flow->hash, policy->flowlet_gap_us, demand);
	default:
		return spread_flow(group, index, flow, demand);
	}
}

static __always_inline choice choice_of(__u32 list, __u32 leg)
{
	return (__u64)leg << 32 | list;
}

/* The list of the first candidate that has one that stands up to the demand, or 0. RFC 9256 section
 * 2.9. */
__standalone choice policy_search(const struct sxt_policy *policy, struct flow *flow,
				  list_demand demand)
{
	if (!policy || !flow)
		return 0;
	for (__u32 i = 0; i < SXT_MAX_CANDIDATES && i < policy->candidate_count; i++) {
		__u32 target = policy->candidates[i].target;
		__u32 list = 0;

		if (!target)
			continue;
		if (target & SXT_TARGET_GROUP)
			list = group_select(policy, flow, (target & ~SXT_TARGET_GROUP) - 1, demand);
		else if (list_is_usable(target - 1, demand))
			list = target;
		if (list)
			return choice_of(list, policy->candidates[i].leg);
	}
	return 0;
}

/* A number that the compiler must not take for another one, though it is equal. */
static __always_inline __u32 itself(__u32 number)
{
	asm volatile("" : "+r"(number));
	return number;
}

/*
 * In the common case the first candidate is one list, and usable. The flow knows which one it had
 * last: so the processor can fetch that list and its state while it still waits for the policy,
 * which has only to agree.
 */
static __always_inline choice policy_select(const struct sxt_policy *policy, struct flow *flow)
{
	__u32 target = policy->candidates[0].target;
	__u32 list = itself(flow->list);
	choice chosen;

	if (target && target == list) {
		list = itself(list);
		if (list_is_usable(list - 1, list_demand_of_host()))
			return choice_of(list, policy->candidates[0].leg);
	} else if (target && !(target & SXT_TARGET_GROUP)) {
		flow->group = 0;
		flow->list = target;
		if (list_is_usable(target - 1, list_demand_of_host()))
			return choice_of(target, policy->candidates[0].leg);
	}
	chosen = policy_search(policy, flow, list_demand_of_host());
	if (chosen)
		return chosen;
	/* The last path is never denied. */
	return policy_search(policy, flow, list_demand_of_host() | LIST_WITHHELD_TOO);
}
