/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <linux/types.h>

/* Kept with a socket by the program that sees its creation; accepted sockets inherit it. */
struct sxt_socket {
	__u64 executable_inode;
	__u32 executable_device;
	__u32 pad;
};

_Static_assert(sizeof(struct sxt_socket) == 16, "shared with user space");
