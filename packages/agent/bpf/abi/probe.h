/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

#define SXT_PROBE_PORT		 862
#define SXT_PROBE_PADDING_TYPE	 1
#define SXT_PROBE_PADDING_BYTES	 24
#define SXT_PROBE_ERROR_ESTIMATE 0x4001
/* "SEXTANT1" */
#define SXT_PROBE_MAGIC 0x53455854414e5431ULL

/*
 * UDP payload of a loop probe: the STAMP test packet of RFC 8762 section 4.2.1, then an Extra
 * Padding TLV (RFC 8972 section 4.1) with what tells the probe from every other packet. User space
 * writes all but sequence and timestamp; probe-packet.ts mirrors it.
 */
struct sxt_probe {
	__be32 sequence;
	/* PTP format (RFC 8186): seconds and nanoseconds of the monotonic clock. */
	__be32 seconds;
	__be32 nanoseconds;
	__be16 error_estimate;
	__u8 must_be_zero[30];
	__u8 tlv_flags;
	__u8 tlv_type;
	__be16 tlv_length;
	__be64 magic;
	/* Counts the probes of its loop; stamped by BPF as the sequence is. */
	__be32 loop_sequence;
	/* Below SXT_LOOPS. */
	__u8 loop;
	/* Not 0: asks after this loop alone; whether the list is alive is not judged by it. */
	__u8 loop_only;
	/* Index in `lists`. */
	__be16 list_slot;
	__be64 nonce;
} __attribute__((packed));

_Static_assert(sizeof(struct sxt_probe) == 72, "shared with user space");
