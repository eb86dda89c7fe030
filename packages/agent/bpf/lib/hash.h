/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/*
 * Odd constants make every word count, the turned byte order lets the lowest address bits reach all
 * bits of the sum; the last multiplication spreads them over the upper half. Equal on every CPU and
 * host.
 */
static __always_inline __u32 words_hash(__u64 source0, __u64 source1, __u64 destination0,
					__u64 destination1, __u64 rest)
{
	__u64 sum = bpf_be64_to_cpu(source0) * 0x9e3779b97f4a7c15ULL +
		    bpf_be64_to_cpu(source1) * 0xbf58476d1ce4e5b9ULL +
		    bpf_be64_to_cpu(destination0) * 0x94d049bb133111ebULL +
		    bpf_be64_to_cpu(destination1) * 0xd6e8feb86659fd93ULL +
		    bpf_be64_to_cpu(rest) * 0xa0761d6478bd642fULL;

	sum ^= sum >> 32;
	return (sum * 0xe7037ed1a0b428dbULL) >> 32;
}
