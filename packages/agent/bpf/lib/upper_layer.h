/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stdbool.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

/* Headers that linux/in.h does not name on every version. */
#define UPPER_SCTP     132
#define UPPER_UDP_LITE 136

/*
 * What may come behind an SRH that ends at an address of this host: transports, IPsec, and nothing
 * at all. What the kernel would take apart again (tunnels, further routing) may not. RFC 8986
 * section 4.1.1. The near end asks the same, so that nothing is lost.
 */
static __always_inline bool upper_layer_may_finish(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_DCCP:
	case IPPROTO_ESP:
	case IPPROTO_AH:
	case UPPER_SCTP:
	case UPPER_UDP_LITE:
	case IPPROTO_ICMPV6:
	case IPPROTO_NONE:
		return true;
	default:
		return false;
	}
}
