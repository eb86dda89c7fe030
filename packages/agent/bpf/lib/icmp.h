/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "checksum.h"
#include "packet.h"

/* ICMP of both families; <linux/icmp.h> is not for BPF. RFC 792, RFC 4443. */
struct icmp_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;
};

#define ICMP6_UNREACHABLE	 1
#define ICMP6_TOO_BIG		 2
#define ICMP6_TIME_EXCEEDED	 3
#define ICMP6_FIRST_QUERY	 128
#define ICMP6_CODE_PROHIBITED	 1
#define ICMP6_CODE_PORT		 4
#define ICMP4_UNREACHABLE	 3
#define ICMP4_TIME_EXCEEDED	 11
#define ICMP4_CODE_HOST		 1
#define ICMP4_CODE_FRAGMENTATION 4
#define ICMP4_CODE_PROHIBITED	 10

#define ICMP_HOP_LIMIT 64
/* Precedence of network control. RFC 1812 section 4.3.2.5. */
#define ICMP4_SERVICE	  0xc0
#define IP4_DONT_FRAGMENT 0x4000

/* What an error begins with, in front of its quote. */
struct icmp6_front {
	struct ipv6hdr ip6;
	struct icmp_header icmp;
};

struct icmp4_front {
	struct iphdr ip4;
	struct icmp_header icmp;
};

_Static_assert(sizeof(struct icmp6_front) == 48 && sizeof(struct icmp4_front) == 28,
	       "as on the wire");

/* The pseudo header of RFC 8200 section 8.1. */
static __always_inline __u64 icmp6_pseudo_sum(const struct ipv6hdr *ip6)
{
	return sum_words(&ip6->saddr, 2 * sizeof(ip6->saddr)) + ip6->payload_len +
	       bpf_htons(IPPROTO_ICMPV6);
}

/* Completes the front of an IPv6 message whose quote has this sum. */
static __always_inline void icmp6_front_finish(struct icmp6_front *front, __u64 quote_sum)
{
	front->icmp.checksum = 0;
	front->icmp.checksum = ~sum_fold(icmp6_pseudo_sum(&front->ip6) + quote_sum +
					 sum_words(&front->icmp, sizeof(front->icmp)));
}

static __always_inline void icmp4_front_finish(struct icmp4_front *front, __u64 quote_sum)
{
	front->icmp.checksum = 0;
	front->icmp.checksum = ~sum_fold(quote_sum + sum_words(&front->icmp, sizeof(front->icmp)));
	front->ip4.check = 0;
	front->ip4.check = ~sum_fold(sum_words(&front->ip4, sizeof(front->ip4)));
}
