/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"

/* How slowly the rhythm that is kept of a list follows longer pauses: a prober that the CPU starves
 * does not look like a slow one for a while. */
#define RHYTHM_INERTIA 16
/* Unanswered probes with which a list may be what is silent: one of them may be under way. */
#define PROBES_TELLING 2

struct rhythm {
	__u64 last_ns;
	__u64 interval_ns;
};

/* When a list was probed last, and how often it is. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct rhythm);
	__uint(max_entries, SXT_MAX_LISTS);
} rhythms SEC(".maps");

static __always_inline void rhythm_note(__u32 list_index)
{
	struct rhythm *rhythm = bpf_map_lookup_elem(&rhythms, &list_index);
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 pause_ns;

	if (!rhythm)
		return;
	pause_ns = now_ns - rhythm->last_ns;
	if (pause_ns > rhythm->interval_ns && rhythm->interval_ns)
		rhythm->interval_ns += (pause_ns - rhythm->interval_ns) / RHYTHM_INERTIA;
	else
		rhythm->interval_ns = pause_ns;
	rhythm->last_ns = now_ns;
}

/*
 * Whether probes speak against a list being dead: it is probed so often that some would be missing
 * after such a silence, and they are not. Where they were not even sent it is this host that stands
 * still.
 */
static __noinline bool probes_contradict(__u32 list_index, __u64 silence_ns)
{
	const struct sxt_list_state *state = bpf_map_lookup_elem(&list_states, &list_index);
	const struct rhythm *rhythm = bpf_map_lookup_elem(&rhythms, &list_index);

	if (!state || !rhythm || !rhythm->last_ns)
		return false;
	return rhythm->interval_ns * PROBES_TELLING < silence_ns &&
	       state->sent - state->returned < PROBES_TELLING;
}
