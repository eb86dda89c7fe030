// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The least that a program can do: what a run costs before anything of ours happens. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tc")
int bench_floor(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}
