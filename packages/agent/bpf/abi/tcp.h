/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* What TCP itself saw of a list, per CPU: sums over the connections that are on it. */
struct sxt_list_tcp {
	/* Segments with data, every sending of one. */
	__u64 sent;
	/* Sent again; and reported as having come twice (RFC 2883): those were not lost. */
	__u64 sent_again;
	__u64 came_twice;
	/* Round trips, their sum, and the sum of what each was longer than the least that its
	 * connection has seen on the list. */
	__u64 round_trips;
	__u64 round_trip_us;
	__u64 rise_us;
};

_Static_assert(sizeof(struct sxt_list_tcp) == 48, "shared with user space");
