/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

/* Bounds of everything the maps hold. User space reads the same numbers from kernel-limits.ts. */
#define SXT_MAX_LISTS	     4096
#define SXT_MAX_POLICIES     4096
#define SXT_MAX_DESTINATIONS 16384
#define SXT_MAX_SOURCES	     4096
#define SXT_MAX_ROWS	     64
#define SXT_MAX_CANDIDATES   8
#define SXT_MAX_SEGMENTS     15

/* Fixed part, the segments, and the packet's own destination as Segment List[0]. RFC 8754
 * section 2. */
#define SXT_SRH_FIXED_BYTES 8
#define SXT_SEGMENT_BYTES   16
#define SXT_SRH_MIN_BYTES   (SXT_SRH_FIXED_BYTES + SXT_SEGMENT_BYTES)
#define SXT_SRH_MAX_BYTES   (SXT_SRH_FIXED_BYTES + SXT_SEGMENT_BYTES * (SXT_MAX_SEGMENTS + 1))

/* Changes with every layout that an older agent or program would misread. */
#define SXT_LAYOUT_VERSION 1
