/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

/* Bounds of everything the maps hold. User space reads the same numbers from kernel-limits.ts. */
#define SXT_MAX_LISTS	  16384
#define SXT_MAX_NEXT_HOPS 256
#define SXT_MAX_GROUPS	  4096
/* Twice the groups, so that a candidate's new one stands complete before its old one goes. */
#define SXT_GROUP_ROWS	    (2 * SXT_MAX_GROUPS)
#define SXT_MAX_GROUP_LISTS 32
#define SXT_MAX_POLICIES    65536
#define SXT_MAX_CANDIDATES  16
/* Counters of candidates: two for every policy. */
#define SXT_MAX_LEGS	     131072
#define SXT_MAX_DESTINATIONS 65536
#define SXT_MAX_RULES	     65536
/* Twice the rules, so that a destination's new rules stand complete before its old ones go. */
#define SXT_RULE_ROWS (2 * SXT_MAX_RULES)
/* Prefixes around one another that all have rules. */
#define SXT_MAX_NESTING	 16
#define SXT_MAX_SOURCES	 4096
#define SXT_MAX_SENDERS	 65536
#define SXT_MAX_SEGMENTS 15

/* Bytes of the parts of a header. RFC 8754 section 2, RFC 8200 section 3. */
#define SXT_IP6_BYTES	    40
#define SXT_SRH_FIXED_BYTES 8
#define SXT_SEGMENT_BYTES   16
#define SXT_HMAC_TLV_BYTES  40
#define SXT_SRH_MIN_BYTES   (SXT_SRH_FIXED_BYTES + SXT_SEGMENT_BYTES)
/* Inserted: the segments and the packet's own destination. */
#define SXT_SRH_MAX_BYTES (SXT_SRH_FIXED_BYTES + SXT_SEGMENT_BYTES * (SXT_MAX_SEGMENTS + 1))
/* The longest of all headers: outer IPv6, full SRH with the decapsulation SID, HMAC TLV. */
#define SXT_HEADER_MAX_BYTES (SXT_IP6_BYTES + SXT_SRH_MAX_BYTES + SXT_HMAC_TLV_BYTES)

/* Changes with every layout that an older agent or program would misread. */
#define SXT_LAYOUT_VERSION 2
