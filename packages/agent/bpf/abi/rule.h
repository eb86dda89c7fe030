/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* Which fields of a rule are asked; the others match everything. */
enum sxt_rule_field {
	SXT_RULE_PROTOCOL = 1 << 0,
	SXT_RULE_SOURCE = 1 << 1,
	SXT_RULE_SOURCE_PORTS = 1 << 2,
	SXT_RULE_DESTINATION_PORTS = 1 << 3,
	SXT_RULE_DSCP = 1 << 4,
	/* These three are of the socket: its packets alone can match. */
	SXT_RULE_CGROUP = 1 << 5,
	SXT_RULE_UID = 1 << 6,
	SXT_RULE_EXECUTABLE = 1 << 7,
};

/*
 * Which packets to a prefix follow which policy. The rules of a prefix are a list in falling rank,
 * linked by `next`. While a list holds a row only `policy` changes, a word of its own: a policy
 * that changes shape has another index.
 */
struct sxt_rule {
	/* Priority and specificity as one number: the highest that matches wins, across nested
	 * prefixes. */
	__u64 rank;
	__u64 cgroup_id;
	/* File that the socket's creator runs: inode and device. */
	__u64 executable_inode;
	__u32 executable_device;
	__u32 uid;
	/* Index + 1 of the next rule of this prefix; 0 ends. */
	__u32 next;
	/* Index in `policies`. */
	__u32 policy;
	/* Host byte order, inclusive. */
	__u16 first_source_port;
	__u16 last_source_port;
	__u16 first_port;
	__u16 last_port;
	/* Mapped like destinations. */
	__u8 source[16];
	/* enum sxt_rule_field, or-ed. */
	__u8 fields;
	__u8 protocol;
	__u8 source_length;
	__u8 dscp;
	__u8 cgroup_level;
	__u8 pad[3];
};

_Static_assert(sizeof(struct sxt_rule) == 72, "shared with user space");
