/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* What a CPU does of each kind per second, and at once after a pause: messages (RFC 4443
 * section 2.4 (f)), and moves of TCP flows, so that a host in trouble cannot thrash. */
#define LIMIT_PER_SECOND  1000
#define LIMIT_AT_ONCE	  100
#define LIMIT_INTERVAL_NS (1000000000ULL / LIMIT_PER_SECOND)

/* What is limited, each for itself: a flood of one does not silence the other. */
enum limited_kind {
	LIMITED_TOO_BIG,
	LIMITED_PARAMETER_PROBLEM,
	LIMITED_TCP_MOVE,
	LIMITED_KINDS,
};

/*
 * A bucket of tokens as one number: the time at which it would be full. Taking one moves that time
 * into the future, and when it is further away than a full bucket takes to fill, the bucket is
 * empty. Not pinned: new programs begin with full buckets.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, LIMITED_KINDS);
} limit_buckets SEC(".maps");

/* Whether one more may be done now; takes its token. */
static __always_inline bool rate_limit_take(enum limited_kind kind)
{
	__u32 index = kind;
	__u64 *full_at_ns = bpf_map_lookup_elem(&limit_buckets, &index);
	__u64 now_ns = bpf_ktime_get_ns();

	if (!full_at_ns)
		return false;
	if (*full_at_ns < now_ns)
		*full_at_ns = now_ns;
	if (*full_at_ns - now_ns > (LIMIT_AT_ONCE - 1) * LIMIT_INTERVAL_NS)
		return false;
	*full_at_ns += LIMIT_INTERVAL_NS;
	return true;
}
