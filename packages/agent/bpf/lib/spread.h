/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"
#include "liveness.h"
#include "maps.h"

/*
 * Verified once by itself, whatever calls it, and so with arguments of which nothing is known:
 * pointers may be NULL. What loops over a group is of that kind, or the verifier would follow every
 * way through all loops together.
 */
#define __standalone __attribute__((noinline))

#define FLOWLETS 16384
/* Draws that may meet an unusable list before the weights of the others are added up. */
#define DRAWS 4
/* Choices that a flow remembers: when both are dead it chooses anew for every packet. */
#define NO_CHOICE 0xff

/* Fixed point of the logarithms: 16 bits behind the point. */
#define LOG_ONE 0x10000ULL

struct flowlet_key {
	__u32 group;
	__u32 flow_hash;
};

struct flowlet {
	__u64 last_ns;
	/* Position in the group. */
	__u32 choice;
	__u32 pad;
};

/* What flows that may move between pauses follow now. The oldest goes when it is full. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct flowlet_key);
	__type(value, struct flowlet);
	__uint(max_entries, FLOWLETS);
} flowlets SEC(".maps");

/*
 * -log2(number / 2^32), above zero. The leading zeros are its whole part; the rest is a polynomial
 * in the distance to the power of two above, fitted to within 0.04 % of the value.
 */
static __always_inline __u64 negative_log2(__u32 number)
{
	__u64 whole = 0, part;

	number |= 1;
#pragma clang loop unroll(full)
	for (int bits = 16; bits; bits /= 2) {
		if (number >> (32 - bits))
			continue;
		number <<= bits;
		whole += bits;
	}
	part = (__u32)-number; /* in units of 2^-32, at most one half */
	part =
	    part * (94523 + (part * (48888 + (part * (16450 + (part * 63568 >> 32)) >> 32)) >> 32));
	return whole * (LOG_ONE << 16) + (part >> 16) + 1;
}

/* Finalizer of MurmurHash3: every bit of flow and list counts for every bit of the result. */
static __always_inline __u32 flow_list_hash(__u32 flow_hash, __u32 list)
{
	__u32 hash = flow_hash ^ list * 0x9e3779b1u;

	hash ^= hash >> 16;
	hash *= 0x85ebca6bu;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35u;
	return hash ^ hash >> 16;
}

/*
 * Weighted rendezvous hashing: each list draws an exponentially distributed number of the flow's
 * own, and the smallest of number / weight wins. A list's chance is its share of the weights, and
 * when it dies only its flows move. Its score is weight / number, highest first, and never 0.
 */
__standalone __u64 spread_score(__u32 flow_hash, __u32 list, __u32 weight)
{
	return ((__u64)weight << 46) / negative_log2(flow_list_hash(flow_hash, list)) + 1;
}

/* Lets the flow remember its first and second choice of the group: positions, in the lower two
 * bytes. */
__standalone __u32 spread_choices(const struct sxt_group *group, __u32 flow_hash)
{
	__u64 best = 0, next = 0;
	__u32 first = NO_CHOICE, second = NO_CHOICE;

	if (!group)
		return NO_CHOICE << 8 | NO_CHOICE;
	for (__u32 i = 0; i < SXT_MAX_GROUP_LISTS && i < group->count; i++) {
		__u64 score = spread_score(flow_hash, group->lists[i].list, group->lists[i].weight);

		if (score > best) {
			second = first;
			next = best;
			first = i;
			best = score;
		} else if (score > next) {
			second = i;
			next = score;
		}
	}
	return second << 8 | first;
}

/* Whether a list is usable, for those who ask it of many. */
__standalone bool spread_is_usable(__u32 index, list_demand demand)
{
	return list_is_usable(index, demand);
}

/* Index + 1 of the list at a position of the group if it is usable; else 0. */
static __always_inline __u32 member_usable(const struct sxt_group *group, __u32 position,
					   list_demand demand)
{
	__u32 list;

	if (position >= group->count)
		return 0;
	/* The verifier sees the bound best in a mask. */
	list = group->lists[position % SXT_MAX_GROUP_LISTS].list;
	return list && spread_is_usable(list - 1, demand) ? list : 0;
}

/* A flow whose first two choices are unusable: the best of the others. */
__standalone __u32 spread_choose_usable(const struct sxt_group *group, __u32 flow_hash,
					list_demand demand)
{
	__u64 best = 0;
	__u32 chosen = 0;

	if (!group)
		return 0;
	for (__u32 i = 0; i < SXT_MAX_GROUP_LISTS && i < group->count; i++) {
		__u32 list = member_usable(group, i, demand);
		__u64 score;

		if (!list)
			continue;
		score = spread_score(flow_hash, group->lists[i].list, group->lists[i].weight);
		if (score > best) {
			chosen = list;
			best = score;
		}
	}
	return chosen;
}

static __always_inline __u32 spread_flow(const struct sxt_group *group, __u32 index,
					 struct flow *flow, list_demand demand)
{
	__u32 list;

	if (flow->group != index + 1) {
		__u32 choices = spread_choices(group, flow->hash);

		flow->first = choices;
		flow->second = choices >> 8;
		flow->group = index + 1;
	}
	list = member_usable(group, flow->first, demand);
	if (list)
		return list;
	list = member_usable(group, flow->second, demand);
	return list ? list : spread_choose_usable(group, flow->hash, demand);
}

/* Position of one of the usable lists, each by its share of their weights; NO_CHOICE
 * without any. */
__standalone __u32 spread_draw_usable(const struct sxt_group *group, list_demand demand)
{
	__u32 sum = 0, position = NO_CHOICE;

	if (!group)
		return NO_CHOICE;
	for (__u32 i = 0; i < SXT_MAX_GROUP_LISTS && i < group->count; i++) {
		__u32 weight = group->lists[i].weight;

		if (!weight || !member_usable(group, i, demand))
			continue;
		sum += weight;
		if (bpf_get_prandom_u32() % sum < weight)
			position = i;
	}
	return position;
}

/* Position of the list whose share the number falls into. */
__standalone __u32 spread_position(const struct sxt_group *group, __u32 number)
{
	__u32 i;

	if (!group)
		return NO_CHOICE;
	for (i = 0; i < SXT_MAX_GROUP_LISTS - 1 && i + 1 < group->count; i++) {
		if (number <= group->lists[i].threshold)
			break;
	}
	return i;
}

/* The same as spread_draw_usable; as long as most are usable, with one random number. */
static __always_inline __u32 spread_draw(const struct sxt_group *group, list_demand demand)
{
	for (int drawn = 0; drawn < DRAWS; drawn++) {
		__u32 position = spread_position(group, bpf_get_prandom_u32());

		if (member_usable(group, position, demand))
			return position;
	}
	return spread_draw_usable(group, demand);
}

static __always_inline __u32 spread_packet(const struct sxt_group *group, list_demand demand)
{
	return member_usable(group, spread_draw(group, demand), demand);
}

static __always_inline __u32 spread_flowlet(const struct sxt_group *group, __u32 index,
					    __u32 flow_hash, __u32 gap_us, list_demand demand)
{
	struct flowlet_key key = {.group = index, .flow_hash = flow_hash};
	struct flowlet *known = bpf_map_lookup_elem(&flowlets, &key);
	struct flowlet begun = {.last_ns = bpf_ktime_get_ns()};
	__u32 list;

	if (known && begun.last_ns - known->last_ns < (__u64)gap_us * 1000) {
		list = member_usable(group, known->choice, demand);
		if (list) {
			known->last_ns = begun.last_ns;
			return list;
		}
	}
	begun.choice = spread_draw(group, demand);
	bpf_map_update_elem(&flowlets, &key, &begun, BPF_ANY);
	return member_usable(group, begun.choice, demand);
}
