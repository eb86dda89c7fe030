// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Root of the cgroup hierarchy, when a socket is made: which file its maker runs.
 *
 *   socket of the host's namespace? -> file of the process -> kept with the socket
 */
#include "lib/executable.h"
#include "lib/maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Allows every socket. A socket of the kernel itself has no maker and never comes here. */
#define SOCKET_ALLOWED 1

SEC("cgroup/sock_create")
int sextant_socket(struct bpf_sock *sk)
{
	const struct sxt_host_config *config = host_config_get();
	struct sxt_socket maker = {};

	if (!config || bpf_get_netns_cookie(sk) != config->netns_cookie)
		return SOCKET_ALLOWED;
	if (executable_of_current(&maker))
		bpf_sk_storage_get(&sockets, sk, &maker, BPF_SK_STORAGE_GET_F_CREATE);
	return SOCKET_ALLOWED;
}
