/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* The two bits of the traffic class. RFC 3168 section 5. */
enum ecn {
	ECN_NOT_ECT = 0,
	ECN_ECT_1 = 1,
	ECN_ECT_0 = 2,
	ECN_CE = 3,
	ECN_MASK = 3,
	/* No codepoint: the packet must be dropped. */
	ECN_DROP = 4,
};

/* What a packet carries on after its outer header has come off. RFC 6040 section 4.2. */
static __always_inline enum ecn ecn_combine(enum ecn outer, enum ecn inner)
{
	if (inner == ECN_NOT_ECT)
		return outer == ECN_CE ? ECN_DROP : ECN_NOT_ECT; /* cannot be told, so it is lost */
	if (inner == ECN_CE || outer == ECN_CE)
		return ECN_CE;
	return outer == ECN_ECT_1 ? ECN_ECT_1 : inner;
}
