// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Root of the cgroup hierarchy, what TCP sockets go through: whose bytes are not acknowledged, and
 * what those of others say of their list.
 *
 *   opening or open -> told about timeouts; where rules are about its peer, sooner, and about ACKs
 *   acknowledged    -> how long it took and how much was lost, counted for the list
 *   sent again      -> how much is lost anyway
 *   timed out       -> more than loss explains? -> egress moves it
 */
#include "lib/silence.h"
#include "lib/tcp_account.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* No answer of ours; other programs' stay. */
#define EVENT_TAKEN 1

SEC("sockops")
int sextant_stall(struct bpf_sock_ops *event)
{
	const struct sxt_host_config *config = host_config_get();

	if (!config || bpf_get_netns_cookie(event) != config->netns_cookie)
		return EVENT_TAKEN;
	switch (event->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		socket_watch(event);
		if (peer_has_rules(event))
			account_open(event);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		socket_watch(event);
		if (peer_has_rules(event)) {
			timeout_shorten(event);
			account_open(event);
		}
		break;
	case BPF_SOCK_OPS_RTT_CB:
		account_note(event);
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		loss_note(event);
		break;
	case BPF_SOCK_OPS_RTO_CB:
		timeout_note(event);
		break;
	}
	return EVENT_TAKEN;
}
