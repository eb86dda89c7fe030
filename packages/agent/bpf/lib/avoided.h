/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "select.h"
#include "stall.h"

/* The list that a policy gives a flow which avoids two; 0 where it has no other. One that is
 * withheld is better than one that swallows everything. */
static __always_inline choice policy_avoid(const struct sxt_policy *policy, struct flow *flow,
					   list_demand avoiding)
{
	list_demand demand = list_demand_of_host() | avoiding;
	choice chosen = policy_search(policy, flow, demand);

	return chosen ? chosen : policy_search(policy, flow, demand | LIST_WITHHELD_TOO);
}

/* The policy's choice, or another one where the flow avoids that. */
static __always_inline choice stall_avoid(const struct stall *stall,
					  const struct sxt_policy *policy, struct flow *flow,
					  choice chosen)
{
	choice other = 0;

	if ((__u32)chosen == stall->avoided[0] || (__u32)chosen == stall->avoided[1])
		other = policy_avoid(policy, flow,
				     list_demand_avoiding(stall->avoided[0], stall->avoided[1]));
	return other ? other : chosen;
}
