/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/*
 * Sums of 16-bit words in one's complement, taken as they lie in memory (RFC 1071): the order of
 * bytes does not matter, and neither does how often a sum is folded.
 */

/* The sum of words of four bytes; `bytes` is a constant. */
static __always_inline __u64 sum_words(const void *words, __u32 bytes)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < bytes / 4; i++)
		sum += ((const __u32 *)words)[i];
	return sum;
}

static __always_inline __u16 sum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* What takes a part out of a sum when it is added. */
static __always_inline __u16 sum_negate(__u64 sum)
{
	return ~sum_fold(sum);
}
