/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

/*
 * What becomes of TCP flows whose bytes are not acknowledged; no exits, so a packet may count none
 * or several. User space knows them by their names in lower case without the prefix.
 */
enum sxt_flow_event {
	/* Left its list for another one. */
	SXT_TCP_MOVED,
	/* Free to take the list again that it had left. */
	SXT_TCP_RETURNED,
	/* Its peer had received what it sent, and only been slow to say so: back at once. */
	SXT_TCP_MOVE_UNDONE,
	/* Silent, but it moved a moment ago, or too many others just did. */
	SXT_TCP_MOVE_LIMITED,
	/* Silent, but its policy has no other list that is alive. */
	SXT_TCP_NO_OTHER_LIST,
	/* A timeout that may be loss: too little was sent into the silence. */
	SXT_TCP_TIMEOUT_DOUBTED,
	/* Silent, but the list's probes come back: it is not the list. */
	SXT_TCP_PROBES_CONTRADICT,
	/* The kernel had no memory for what is kept of the flow: it stays. */
	SXT_TCP_NOT_KEPT,

	SXT_FLOW_EVENT_COUNT,
};
