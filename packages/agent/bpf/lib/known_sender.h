/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "hash.h"
#include "maps.h"
#include "packet.h"

/*
 * Whose packets were let in just now, so that the next ones need not be asked the same: most come
 * as others came before them. Only a yes is remembered. It rests on two things: on maps, whose
 * changes the epoch counts, and on the kernel's addresses and routes, of which nobody tells. So it
 * holds for some ticks of the kernel's clock, and then is asked anew.
 */

/* 64 bytes each, for each CPU. */
#define KNOWN_SENDERS 1024
/* 25 to 250 ms: there are 1000 to 100 ticks a second. */
#define KNOWN_TICKS 25

enum known_question {
	/* May the source send headers of ours to a SID of this host? */
	KNOWN_SID = 0,
	/* May it, and is the destination an address of this host? */
	KNOWN_ADDRESS = 1u << 30,
	/* May the sender of the outer header bring this source, and does the packet go on? */
	KNOWN_INNER = 1u << 31,
};

struct known_key {
	/* Source of the outer header around it; zeros where that is asked about itself. */
	__u64 sender[2];
	__u64 source[2];
	__u64 destination[2];
	/* Interface, with the question: numbers of interfaces are far smaller. */
	__u32 ifindex;
	__u32 epoch;
};

struct known_sender {
	struct known_key key;
	/* By bpf_jiffies64(). */
	__u64 until_tick;
};

_Static_assert(sizeof(struct known_sender) == 64, "one cache line");

/* A part for each CPU, like `flows`. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct known_sender);
	__uint(max_entries, KNOWN_SENDERS);
	__uint(map_flags, BPF_F_MMAPABLE);
} known_senders SEC(".maps");

/* Of an address that lies at a multiple of eight. */
static __always_inline void known_copy(__u64 *to, const struct in6_addr *address)
{
	const __u64 *from = (const void *)address;

	to[0] = from[0];
	to[1] = from[1];
}

static __always_inline __u64 known_rest(const struct known_key *key)
{
	return (__u64)key->epoch << 32 | key->ifindex;
}

/* The entry of this CPU for the key, whatever is in it. */
static __always_inline struct known_sender *known_find(const struct known_key *key)
{
	__u32 hash = words_hash(key->sender[0] ^ key->source[0], key->sender[1] ^ key->source[1],
				key->destination[0], key->destination[1], known_rest(key));
	__u32 index = bpf_get_smp_processor_id() * KNOWN_SENDERS + hash % KNOWN_SENDERS;

	return bpf_map_lookup_elem(&known_senders, &index);
}

static __always_inline bool known_holds(const struct known_sender *known,
					const struct known_key *key)
{
	if (!known || bpf_jiffies64() >= known->until_tick)
		return false;
	return !((known->key.sender[0] ^ key->sender[0]) | (known->key.sender[1] ^ key->sender[1]) |
		 (known->key.source[0] ^ key->source[0]) | (known->key.source[1] ^ key->source[1]) |
		 (known->key.destination[0] ^ key->destination[0]) |
		 (known->key.destination[1] ^ key->destination[1]) |
		 (known_rest(&known->key) ^ known_rest(key)));
}

static __always_inline void known_remember(struct known_sender *known, const struct known_key *key)
{
	if (!known)
		return; /* a CPU that the loader did not count */
	known->key = *key;
	known->until_tick = bpf_jiffies64() + KNOWN_TICKS;
}
