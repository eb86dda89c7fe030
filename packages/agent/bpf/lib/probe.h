/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/udp.h>
#include "../abi/probe.h"
#include "packet.h"

#define NS_PER_SECOND 1000000000ULL

struct probe_datagram {
	struct udphdr udp;
	struct sxt_probe probe;
} __attribute__((packed));

/* Loads what follows an SRH and says whether it has the shape of a probe of ours. */
static __always_inline bool probe_load(struct __sk_buff *skb, __u32 offset,
				       struct probe_datagram *datagram)
{
	return !bpf_skb_load_bytes(skb, offset, datagram, sizeof(*datagram)) &&
	       datagram->udp.dest == bpf_htons(SXT_PROBE_PORT) &&
	       datagram->udp.len == bpf_htons(sizeof(*datagram)) &&
	       datagram->probe.tlv_type == SXT_PROBE_PADDING_TYPE &&
	       datagram->probe.magic == bpf_cpu_to_be64(SXT_PROBE_MAGIC);
}
