/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../shared/destination.h"
#include "../shared/host_config.h"
#include "../shared/limits.h"
#include "../shared/list.h"
#include "../shared/policy.h"
#include "../shared/reason.h"
#include "../shared/traffic.h"

/* Both programs declare every map; the loader gives them the same ones, pinned under these names.
 */

/* Destination prefix -> rows in order of precedence. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct sxt_prefix);
	__type(value, struct sxt_destination);
	__uint(max_entries, SXT_MAX_DESTINATIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC); /* the kernel knows no other trie */
} destinations SEC(".maps");

/* Policy key -> candidates. Preallocated, like `lists`: an update never fails for want of memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct sxt_policy);
	__uint(max_entries, SXT_MAX_POLICIES);
} policies SEC(".maps");

/* List key -> header bytes and next hop. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct sxt_list);
	__uint(max_entries, SXT_MAX_LISTS);
} lists SEC(".maps");

/* Slot of a list -> its probe sequence numbers. An array: its lookup is inlined, and user space
 * never overwrites BPF. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_list_state);
	__uint(max_entries, SXT_MAX_LISTS);
} list_states SEC(".maps");

/* Slot of a list -> traffic steered onto it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_traffic);
	__uint(max_entries, SXT_MAX_LISTS);
} list_counters SEC(".maps");

/* Slot of a policy -> traffic that it steered. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_traffic);
	__uint(max_entries, SXT_MAX_POLICIES);
} policy_counters SEC(".maps");

/* Source prefixes whose SRHs are accepted. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct sxt_prefix);
	__type(value, __u32);
	__uint(max_entries, SXT_MAX_SOURCES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} domain_sources SEC(".maps");

/* Packets per exit. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SXT_REASON_COUNT);
} reasons SEC(".maps");

/* One entry. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_host_config);
	__uint(max_entries, 1);
} host_config SEC(".maps");

static __always_inline const struct sxt_host_config *host_config_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&host_config, &zero);
}

/* Counts the exit that a program is about to take. */
static __always_inline void reason_count(enum sxt_reason reason)
{
	__u32 index = reason;
	__u64 *packets = bpf_map_lookup_elem(&reasons, &index);

	if (packets)
		*packets += 1;
}
