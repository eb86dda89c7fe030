/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "domain.h"
#include "flow_cache.h"
#include "flow_read.h"
#include "tcp_flow.h"
#include "upper_layer.h"

#define RULE_OF_SOCKET (SXT_RULE_CGROUP | SXT_RULE_UID | SXT_RULE_EXECUTABLE)

/* Where the search for the best rule stands. */
struct search {
	struct __sk_buff *skb;
	const struct flow_key *key;
	/* The packet's own socket, where it is whole. */
	struct bpf_sock *socket;
	/* Whether the kernel knows whose packet it is: user and cgroup of a socket, or of the
	 * listener of a connection being accepted. */
	bool owned;
	/* Of the destination, as far as it is looked at. */
	struct sxt_prefix prefix;
	__u32 prefixes_left;
	/* Index + 1 of the row to be asked; 0: this prefix has no more. */
	__u32 next;
	/* Best so far. */
	__u64 rank;
	__u32 policy;
	bool found;
	bool socket_asked;
};

/* The shortest prefix that can hold addresses of the packet's family. */
static __always_inline __u32 shortest_length(const struct flow_key *key)
{
	return key->family == FLOW_IPV4 ? MAPPED_LENGTH : 0;
}

static __always_inline bool source_matches(const struct flow_key *key, const struct sxt_rule *rule)
{
	const __u64 *wanted = (const void *)rule->source, *address = key->source;
	__u32 length = rule->source_length;
	__u64 first = bpf_be64_to_cpu(wanted[0] ^ address[0]);
	__u64 second = bpf_be64_to_cpu(wanted[1] ^ address[1]);

	if (length < shortest_length(key))
		return false;
	if (length <= 64)
		return !length || !(first >> (64 - length));
	return !first && !(second >> ((128 - length) & 63));
}

static __always_inline bool is_within(__be16 port, __u16 first, __u16 last)
{
	__u16 number = bpf_ntohs(port);

	return number >= first && number <= last;
}

static __always_inline bool executable_is(struct bpf_sock *socket, const struct sxt_rule *rule)
{
	const struct sxt_socket *made = bpf_sk_storage_get(&sockets, socket, NULL, 0);

	return made && made->executable_inode == rule->executable_inode &&
	       made->executable_device == rule->executable_device;
}

/* Asked last: these answers hold for one socket only. */
static __always_inline bool rule_matches_socket(struct search *search, const struct sxt_rule *rule)
{
	search->socket_asked = true;
	if (!search->owned)
		return false;
	if (rule->fields & SXT_RULE_CGROUP &&
	    bpf_skb_ancestor_cgroup_id(search->skb, rule->cgroup_level) != rule->cgroup_id)
		return false;
	if (rule->fields & SXT_RULE_UID && bpf_get_socket_uid(search->skb) != rule->uid)
		return false;
	return !(rule->fields & SXT_RULE_EXECUTABLE) ||
	       (search->socket && executable_is(search->socket, rule));
}

static __always_inline bool rule_matches(struct search *search, const struct sxt_rule *rule)
{
	const struct flow_key *key = search->key;
	__u8 fields = rule->fields;

	if (fields & SXT_RULE_PROTOCOL && rule->protocol != key->protocol)
		return false;
	if (fields & (SXT_RULE_SOURCE_PORTS | SXT_RULE_DESTINATION_PORTS) && !key->has_ports)
		return false;
	if (fields & SXT_RULE_DESTINATION_PORTS &&
	    !is_within(key->ports[1], rule->first_port, rule->last_port))
		return false;
	if (fields & SXT_RULE_SOURCE_PORTS &&
	    !is_within(key->ports[0], rule->first_source_port, rule->last_source_port))
		return false;
	if (fields & SXT_RULE_DSCP && rule->dscp != key->dscp)
		return false;
	if (fields & SXT_RULE_SOURCE && !source_matches(key, rule))
		return false;
	return !(fields & RULE_OF_SOCKET) || rule_matches_socket(search, rule);
}

/* On to the next shorter prefix around the destination. False when there is none. */
static __always_inline bool search_widen(struct search *search)
{
	__u32 shortest = shortest_length(search->key);
	const struct sxt_destination *destination;

	if (!search->prefixes_left)
		return false;
	destination = bpf_map_lookup_elem(&destinations, &search->prefix);
	if (!destination || destination->length < shortest)
		return false;
	search->next = destination->first_rule;
	search->prefixes_left = destination->length > shortest ? search->prefixes_left - 1 : 0;
	search->prefix.length = destination->length - 1;
	return true;
}

/* One row, or one prefix. Rows of a prefix fall in rank: behind the first that matches, or that the
 * best so far beats, none can win. 1 ends the search. */
static long search_step(__u64 step, struct search *search)
{
	const struct sxt_rule *rule;
	__u32 index = search->next - 1;

	(void)step;
	if (!search->next)
		return search_widen(search) ? 0 : 1;
	rule = bpf_map_lookup_elem(&rules, &index);
	if (!rule || (search->found && rule->rank <= search->rank)) {
		search->next = 0;
		return 0;
	}
	search->next = rule->next;
	if (rule_matches(search, rule)) {
		search->rank = rule->rank;
		search->policy = rule->policy;
		search->found = true;
		search->next = 0;
	}
	return 0;
}

/*
 * Decides about a packet and remembers it. Not for long where a socket is not yet or no longer
 * whole (a connection being accepted, TIME_WAIT) and was asked, or is to be told: what comes of it
 * has the same cookie.
 */
static __noinline void flow_decide(struct __sk_buff *skb, struct flow *flow,
				   const struct flow_key *key, __u32 hash)
{
	struct search search = {
	    .skb = skb, .key = key, .prefix.length = 128, .prefixes_left = SXT_MAX_NESTING};
	struct bpf_sock *socket = skb->sk;
	__u32 epoch = epoch_now();
	bool is_partial;

	if (skb->ingress_ifindex)
		socket = NULL; /* what the host forwards is nobody's here */
	if (socket) {
		search.owned = socket->state == BPF_TCP_NEW_SYN_RECV;
		search.socket = bpf_sk_fullsock(socket);
		search.owned |= search.socket != NULL;
	}
	is_partial = socket && !search.socket;
	address_copy(search.prefix.address, key->destination);
	bpf_loop(SXT_RULE_ROWS + SXT_MAX_NESTING + 1, search_step, &search, 0);

	flow->key = *key;
	flow->hash = hash;
	flow->epoch = epoch;
	flow->group = 0;
	flow->list = 0;
	flow->policy = search.policy;
	flow->reason = SXT_NO_MATCH;
	flow->flags = search.found ? FLOW_MATCHED : 0;
	if (key->family == FLOW_IPV6 && source_is_trusted((const struct in6_addr *)key->source))
		flow->flags |= FLOW_TRUSTED;
	if (upper_layer_may_finish(key->protocol))
		flow->flags |= FLOW_FINISHES;
	if (search.socket_asked) {
		flow->flags |= FLOW_OF_SOCKET;
		flow->socket_cookie = flow_socket(skb);
	}
	if (search.socket && key->protocol == IPPROTO_TCP)
		tcp_flow_decided(search.socket, flow);
	if (is_partial && (search.socket_asked || key->protocol == IPPROTO_TCP))
		flow->epoch -= 1;
}

/* The entry of any packet, decided now if need be; NULL and the reason when it is not to be
 * steered. */
static __noinline struct flow *flow_find(struct __sk_buff *skb, enum sxt_reason *reason)
{
	struct flow_key key;
	struct flow *flow;
	__u32 hash;

	*reason = flow_read(skb, &key);
	if (*reason != STEERABLE)
		return NULL;
	hash = words_hash(key.source[0], key.source[1], key.destination[0], key.destination[1],
			  flow_key_rest(&key));
	flow = flow_at(hash);
	if (!flow)
		*reason = SXT_NO_MATCH; /* a CPU that the loader did not count */
	else if (!flow_is(skb, flow, key.source[0], key.source[1], key.destination[0],
			  key.destination[1], flow_key_rest(&key)))
		flow_decide(skb, flow, &key, hash);
	return flow;
}
