/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a link: frames that enter at one port leave at another after a constant delay.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_NAME_BYTES 16
/* Both directions of 2,048 links. */
#define LINE_MAX 4096
/* A full queue drops what arrives next (tail drop) and counts it. */
#define LINE_QUEUE_PACKETS 16384
#define LINE_QUEUE_BYTES   (16u << 20)

struct frame {
	struct frame *next;
	uint64_t due_ns;
	uint32_t length;
	/* virtio_net_hdr, then the Ethernet frame: a GSO packet stays whole. */
	unsigned char data[];
};

struct line {
	char from[LINE_NAME_BYTES];
	char to[LINE_NAME_BYTES];
	int receive_fd;
	int send_fd;
	uint64_t delay_ns;
	struct frame *head;
	struct frame **tail;
	uint32_t queued_packets;
	uint32_t queued_bytes;
	uint64_t forwarded;
	uint64_t dropped_full;
	uint64_t dropped_send;
};

uint64_t line_now_ns(void);

/* Opens both sockets. Gives 0, or -errno with nothing left open. */
int line_open(struct line *line, const char *from, const char *to, uint64_t delay_ns);
/* Frames under way keep their order: none waits longer than the new delay. */
void line_set_delay(struct line *line, uint64_t delay_ns);
void line_close(struct line *line);

/* Takes in what has arrived, a bounded number of frames. Gives true when there may be more. */
bool line_receive(struct line *line);
/* Sends what is due. */
void line_send_due(struct line *line, uint64_t now_ns);
