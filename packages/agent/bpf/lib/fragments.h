/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "flow_cache.h"

/* Datagrams in fragments that are on their way at one time. */
#define FRAGMENTED_DATAGRAMS 4096

/* What tells the fragments of a datagram from all others. RFC 8200 section 4.5, RFC 791. */
struct datagram_key {
	__u64 source[2];
	__u64 destination[2];
	__be32 identification;
	/* Of IPv4; the fragments of an IPv6 datagram need not agree on it. */
	__u8 protocol;
	__u8 pad[3];
};

/* What the first fragment alone says. */
struct datagram {
	__be16 ports[2];
	__u8 protocol;
	__u8 has_ports;
	__u8 pad[2];
};

/* First fragments, so that the others take the same path. The oldest goes when it is full. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct datagram_key);
	__type(value, struct datagram);
	__uint(max_entries, FRAGMENTED_DATAGRAMS);
} fragments SEC(".maps");

static __always_inline struct datagram_key datagram_of(const struct flow_key *key,
						       __be32 identification)
{
	return (struct datagram_key){
	    .source = {key->source[0], key->source[1]},
	    .destination = {key->destination[0], key->destination[1]},
	    .identification = identification,
	    .protocol = key->family == FLOW_IPV4 ? key->protocol : 0,
	};
}

/* Keeps what a first fragment says for those that follow. */
static __always_inline void fragment_remember(const struct flow_key *key, __be32 identification)
{
	struct datagram_key at = datagram_of(key, identification);
	struct datagram datagram = {.ports = {key->ports[0], key->ports[1]},
				    .protocol = key->protocol,
				    .has_ports = key->has_ports};

	bpf_map_update_elem(&fragments, &at, &datagram, BPF_ANY);
}

/* Gives a later fragment what the first one said. One that overtakes it has no ports. */
static __always_inline void fragment_recall(struct flow_key *key, __be32 identification)
{
	struct datagram_key at = datagram_of(key, identification);
	const struct datagram *datagram = bpf_map_lookup_elem(&fragments, &at);

	if (!datagram)
		return;
	key->ports[0] = datagram->ports[0];
	key->ports[1] = datagram->ports[1];
	key->protocol = datagram->protocol;
	key->has_ports = datagram->has_ports;
}
