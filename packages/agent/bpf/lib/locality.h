/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/* What a destination address is to this host. */
enum locality {
	LOCALITY_ELSEWHERE,
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

static __always_inline enum locality locality_of(struct __sk_buff *skb, const struct ipv6hdr *ip6)
{
	const struct sxt_host_config *config = host_config_get();

	if (config && is_sid(&ip6->daddr, config->node_sid))
		return LOCALITY_NODE_SID;
	if (config && is_sid(&ip6->daddr, config->decapsulation_sid))
		return LOCALITY_DECAPSULATION_SID;
	return address_is_local(skb, &ip6->saddr, &ip6->daddr) ? LOCALITY_ADDRESS
							       : LOCALITY_ELSEWHERE;
}
