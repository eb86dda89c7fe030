/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include "maps.h"
#include "packet.h"

/*
 * Leaves through the uplink of the list, by the route that this uplink has to the first segment.
 * Naming the gateway instead would save the lookup and lose packets: one that waits for the
 * neighbour to be resolved is then sent with the hardware address of its original route (the kernel
 * asks the packet's old route again).
 */
static __always_inline void list_redirect(const struct sxt_list *list)
{
	bpf_redirect_neigh(list->ifindex, NULL, 0, 0);
}
