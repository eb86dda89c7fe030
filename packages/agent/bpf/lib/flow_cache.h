/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "hash.h"
#include "maps.h"
#include "packet.h"

/* 64 bytes each: half a megabyte per CPU, which stays in its second-level cache. */
#define FLOWS 8192

enum flow_family {
	FLOW_IPV4 = 4,
	FLOW_IPV6 = 6,
};

/* What rules ask of a packet itself, and what it is remembered by. IPv4 addresses are mapped. */
struct flow_key {
	__u64 source[2];
	__u64 destination[2];
	__be16 ports[2];
	__u8 protocol;
	__u8 dscp;
	/* enum flow_family */
	__u8 family;
	/* No fragment but the first has ports, unless that one was seen. */
	__u8 has_ports;
};

enum flow_flag {
	/* `policy` counts; else `reason`. */
	FLOW_MATCHED = 1 << 0,
	/* Its source may carry an SRH. */
	FLOW_TRUSTED = 1 << 1,
	/* The socket was asked: packets of others have to ask again. */
	FLOW_OF_SOCKET = 1 << 2,
	/* The far end takes its upper layer behind an SRH. */
	FLOW_FINISHES = 1 << 3,
};

/* A remembered decision. */
struct flow {
	struct flow_key key;
	__u64 socket_cookie;
	/* Of host_config: an entry of another epoch is void. */
	__u32 epoch;
	__u32 hash;
	/* Index in `policies`. */
	__u16 policy;
	/* enum sxt_reason */
	__u8 reason;
	/* enum flow_flag, or-ed */
	__u8 flags;
	/* Group + 1 whose first and second choice for this flow are known; 0: `list` counts. */
	__u16 group;
	union {
		struct {
			__u8 first;
			__u8 second;
		};
		/* Index + 1 of the list that the flow had last. */
		__u16 list;
	};
};

_Static_assert(sizeof(struct flow) == 64, "one cache line");

/*
 * Remembered decisions, by hash: a newer flow in the same place replaces the older one. A part for
 * each CPU, one after the other: the loader multiplies the entries. What a per-CPU array is for,
 * but found without reading a table of addresses first. Whole pages, so that an entry is one cache
 * line.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct flow);
	__uint(max_entries, FLOWS);
	__uint(map_flags, BPF_F_MMAPABLE);
} flows SEC(".maps");

static __always_inline struct flow *flow_at(__u32 hash)
{
	__u32 index = bpf_get_smp_processor_id() * FLOWS + hash % FLOWS;

	return bpf_map_lookup_elem(&flows, &index);
}

/* The socket whose packet this is; 0 for what the host forwards. */
static __always_inline __u64 flow_socket(struct __sk_buff *skb)
{
	return skb->ingress_ifindex ? 0 : bpf_get_socket_cookie(skb);
}

static __always_inline __u64 flow_key_rest(const struct flow_key *key)
{
	return *(const __u64 *)key->ports;
}

/* Whether the entry is this packet's, and still holds. */
static __always_inline bool flow_is(struct __sk_buff *skb, const struct flow *flow, __u64 source0,
				    __u64 source1, __u64 destination0, __u64 destination1,
				    __u64 rest)
{
	if ((flow->key.source[0] ^ source0) | (flow->key.source[1] ^ source1) |
	    (flow->key.destination[0] ^ destination0) | (flow->key.destination[1] ^ destination1) |
	    (flow_key_rest(&flow->key) ^ rest) | (flow->epoch ^ epoch_now()))
		return false;
	return !(flow->flags & FLOW_OF_SOCKET) || flow->socket_cookie == flow_socket(skb);
}

/*
 * The entry of a packet that has no options and is no fragment, by direct access; NULL when it is
 * another kind of packet or not remembered.
 */
static __always_inline struct flow *flow_recall(struct __sk_buff *skb)
{
	const void *data_end = (void *)(long)skb->data_end;
	const __u8 *ip = (void *)(long)skb->data + IP6_OFFSET;
	__u64 source0, source1, destination0, destination1, rest;
	struct flow *flow;
	__u32 hash;

	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(ip + sizeof(struct ipv6hdr) + 4) > data_end ||
		    (ip[6] != IPPROTO_TCP && ip[6] != IPPROTO_UDP))
			return NULL;
		source0 = *(const __u64 *)(ip + 8);
		source1 = *(const __u64 *)(ip + 16);
		destination0 = *(const __u64 *)(ip + 24);
		destination1 = *(const __u64 *)(ip + 32);
		rest = (__u64)(bpf_ntohs(*(const __be16 *)ip) >> 6 & 0x3f) << 40 |
		       *(const __u32 *)(ip + 40) | (__u64)ip[6] << 32 | (__u64)FLOW_IPV6 << 48 |
		       1ULL << 56;
	} else {
		if (skb->protocol != bpf_htons(ETH_P_IP) ||
		    (void *)(ip + IPV4_PLAIN_BYTES + 4) > data_end || ip[0] != IPV4_PLAIN ||
		    *(const __be16 *)(ip + 6) & bpf_htons(IPV4_FRAGMENT_MASK) ||
		    (ip[9] != IPPROTO_TCP && ip[9] != IPPROTO_UDP))
			return NULL;
		source0 = MAPPED_FIRST;
		source1 = MAPPED_SECOND(*(const __u32 *)(ip + 12));
		destination0 = MAPPED_FIRST;
		destination1 = MAPPED_SECOND(*(const __u32 *)(ip + 16));
		rest = (__u64)(ip[1] >> 2) << 40 | *(const __u32 *)(ip + 20) | (__u64)ip[9] << 32 |
		       (__u64)FLOW_IPV4 << 48 | 1ULL << 56;
	}
	hash = words_hash(source0, source1, destination0, destination1, rest);
	flow = flow_at(hash);
	if (flow && flow_is(skb, flow, source0, source1, destination0, destination1, rest))
		return flow;
	return NULL;
}
