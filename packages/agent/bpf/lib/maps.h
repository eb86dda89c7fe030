/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../abi/destination.h"
#include "../abi/flow_event.h"
#include "../abi/host_config.h"
#include "../abi/limits.h"
#include "../abi/list.h"
#include "../abi/policy.h"
#include "../abi/reason.h"
#include "../abi/rule.h"
#include "../abi/sender.h"
#include "../abi/socket.h"
#include "../abi/tcp.h"
#include "../abi/traffic.h"

/*
 * All programs declare every map; the loader gives them the same ones, pinned under these names.
 * What the packet path reads by index is an array: its lookup is inlined. User space hands out the
 * indices, and reuses one only long after the last reader.
 */

/* Destination prefix -> its best rule. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct sxt_prefix);
	__type(value, struct sxt_destination);
	__uint(max_entries, SXT_MAX_DESTINATIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC); /* the kernel knows no other trie */
} destinations SEC(".maps");

/* Which packets follow which policy; lists of rows that start at `destinations`. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_rule);
	__uint(max_entries, SXT_RULE_ROWS);
} rules SEC(".maps");

/* Candidates in order of preference, and what to do without. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_policy);
	__uint(max_entries, SXT_MAX_POLICIES);
} policies SEC(".maps");

/* Weighted lists of a candidate. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_group);
	__uint(max_entries, SXT_GROUP_ROWS);
} groups SEC(".maps");

/* Header bytes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_list);
	__uint(max_entries, SXT_MAX_LISTS);
} lists SEC(".maps");

/* Uplink and gateway. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_next_hop);
	__uint(max_entries, SXT_MAX_NEXT_HOPS);
} next_hops SEC(".maps");

/* Probe sequence numbers of a list: user space never overwrites them while the list is in use. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_list_state);
	__uint(max_entries, SXT_MAX_LISTS);
} list_states SEC(".maps");

/* Probe sequence numbers of each loop of a list. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_list_loops);
	__uint(max_entries, SXT_MAX_LISTS);
} list_loops SEC(".maps");

/* Traffic steered onto a list. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_traffic);
	__uint(max_entries, SXT_MAX_LISTS);
} list_counters SEC(".maps");

/* TCP flows that left a list because it swallowed what they sent. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SXT_MAX_LISTS);
} list_moves SEC(".maps");

/* Loss and round trips of a list as TCP counts them. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_list_tcp);
	__uint(max_entries, SXT_MAX_LISTS);
} list_tcp SEC(".maps");

/* Traffic steered by a candidate of a policy. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_traffic);
	__uint(max_entries, SXT_MAX_LEGS);
} leg_counters SEC(".maps");

/* Traffic steered through a next hop. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sxt_traffic);
	__uint(max_entries, SXT_MAX_NEXT_HOPS);
} next_hop_counters SEC(".maps");

/* Source prefixes whose SRHs are accepted. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct sxt_prefix);
	__type(value, __u32);
	__uint(max_entries, SXT_MAX_SOURCES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} domain_sources SEC(".maps");

/* Inner sources that an outer source may bring. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct sxt_sender);
	__type(value, __u32);
	__uint(max_entries, SXT_MAX_SENDERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} senders SEC(".maps");

/* Who made a socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, struct sxt_socket);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
} sockets SEC(".maps");

/* Packets per exit. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SXT_REASON_COUNT);
} reasons SEC(".maps");

/* What became of silent TCP flows. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SXT_FLOW_EVENT_COUNT);
} flow_events SEC(".maps");

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

/* What is remembered from before a change of the maps is void. Whoever decides asks before it looks
 * into them: what changes meanwhile is of the next epoch. */
static __always_inline __u32 epoch_now(void)
{
	const struct sxt_host_config *config = host_config_get();

	return config ? config->epoch : 0;
}

/* Touches the counter of the exit that most packets take, so that its memory is near by then. */
static __always_inline void reason_expect(enum sxt_reason reason)
{
	__u32 index = reason;
	__u64 *packets = bpf_map_lookup_elem(&reasons, &index);

	if (packets)
		(void)*(volatile __u64 *)packets;
}

/* Counts the exit that a program is about to take. */
static __always_inline void reason_count(enum sxt_reason reason)
{
	__u32 index = reason;
	__u64 *packets = bpf_map_lookup_elem(&reasons, &index);

	if (packets)
		*packets += 1;
}
