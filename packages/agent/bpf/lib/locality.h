/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "domain.h"
#include "known_sender.h"
#include "maps.h"
#include "packet.h"

/* What a destination address is to this host. */
enum locality {
	LOCALITY_ELSEWHERE,
	/* The source is none of the domain's: no more is asked. */
	LOCALITY_UNTRUSTED,
	LOCALITY_ADDRESS,
	/* The End SID: the kernel turns packets round there. */
	LOCALITY_NODE_SID,
	LOCALITY_DECAPSULATION_SID,
};

/* Never the address of zeros, which stands for "no SID yet". */
static __always_inline bool is_sid(const struct in6_addr *address, const __u8 *sid)
{
	return *(const __u32 *)sid && address_equal(address, sid);
}

static __always_inline bool is_decapsulation_sid(const struct in6_addr *address)
{
	const struct sxt_host_config *config = host_config_get();

	return config && is_sid(address, config->decapsulation_sid);
}

/* ::/64 has the unspecified, loopback and mapped addresses; fe80::/10 and ff00::/8 mean something
 * on one link only. */
static __always_inline bool is_routable(const struct in6_addr *address)
{
	const __u32 *words = (const void *)address;

	return (words[0] || words[1]) && address->s6_addr[0] != 0xff &&
	       !(address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80);
}

/*
 * Whether the kernel would deliver to this address itself. It says so by "not forwarded". It says
 * no more than that of what it has no route to, and where forwarding is off: then nothing goes
 * anywhere else either.
 */
static __always_inline bool address_is_local(struct __sk_buff *skb, const struct in6_addr *source,
					     const struct in6_addr *destination)
{
	struct bpf_fib_lookup lookup = {.family = AF_INET6_NUMBER, .ifindex = skb->ifindex};
	long result;

	if (!is_routable(destination))
		return false;
	address_copy(lookup.ipv6_src, source);
	address_copy(lookup.ipv6_dst, destination);
	result = bpf_fib_lookup(skb, &lookup, sizeof(lookup), 0);
	return result == BPF_FIB_LKUP_RET_NOT_FWDED || result == BPF_FIB_LKUP_RET_FWD_DISABLED;
}

/* What an address is by configuration alone. */
static __always_inline enum locality sid_locality(const struct in6_addr *address)
{
	const struct sxt_host_config *config = host_config_get();

	if (config && is_sid(address, config->node_sid))
		return LOCALITY_NODE_SID;
	if (config && is_sid(address, config->decapsulation_sid))
		return LOCALITY_DECAPSULATION_SID;
	return LOCALITY_ELSEWHERE;
}

/* What is asked of every packet with a header of ours: whether its source is of the domain, and
 * only then, what its destination is to this host. */
static __noinline enum locality outer_locality(struct __sk_buff *skb, const struct ipv6hdr *ip6)
{
	enum locality sid = sid_locality(&ip6->daddr);
	struct known_key key = {.ifindex = skb->ifindex |
					   (sid == LOCALITY_ELSEWHERE ? KNOWN_ADDRESS : KNOWN_SID),
				.epoch = epoch_now()};
	struct known_sender *known;

	known_copy(key.source, &ip6->saddr);
	known_copy(key.destination, &ip6->daddr);
	known = known_find(&key);
	if (!known_holds(known, &key)) {
		if (!source_is_trusted(&ip6->saddr))
			return LOCALITY_UNTRUSTED;
		if (sid == LOCALITY_ELSEWHERE && !address_is_local(skb, &ip6->saddr, &ip6->daddr))
			return LOCALITY_ELSEWHERE;
		known_remember(known, &key);
	}
	return sid == LOCALITY_ELSEWHERE ? LOCALITY_ADDRESS : sid;
}
