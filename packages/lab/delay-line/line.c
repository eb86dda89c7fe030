// SPDX-License-Identifier: Apache-2.0
#include "line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The largest GSO packet that a veth makes by default, with room for headers put on top. */
#define FRAME_MAX_BYTES	    (80u << 10)
#define FRAMES_PER_ROUND    64
#define SOCKET_BUFFER_BYTES (16 << 20)

uint64_t line_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * A packet socket on one port. It is bound to a protocol last: bound earlier, it would see frames
 * of other ports. Protocol 0 receives nothing.
 */
static int packet_socket(const char *port, uint16_t protocol)
{
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(protocol),
	    .sll_ifindex = (int)if_nametoindex(port),
	};
	int fd, one = 1, size = SOCKET_BUFFER_BYTES, saved;

	if (address.sll_ifindex == 0)
		return -errno;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) == 0 &&
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved = errno;
	close(fd);
	return -saved;
}

int line_open(struct line *line, const char *from, const char *to, uint64_t delay_ns)
{
	memset(line, 0, sizeof(*line));
	strncpy(line->from, from, LINE_NAME_BYTES - 1);
	strncpy(line->to, to, LINE_NAME_BYTES - 1);
	line->delay_ns = delay_ns;
	line->tail = &line->head;
	line->send_fd = packet_socket(to, 0);
	if (line->send_fd < 0)
		return line->send_fd;
	line->receive_fd = packet_socket(from, ETH_P_ALL);
	if (line->receive_fd >= 0)
		return 0;
	close(line->send_fd);
	return line->receive_fd;
}

void line_set_delay(struct line *line, uint64_t delay_ns)
{
	uint64_t latest = line_now_ns() + delay_ns;

	line->delay_ns = delay_ns;
	for (struct frame *frame = line->head; frame; frame = frame->next)
		if (frame->due_ns > latest)
			frame->due_ns = latest;
}

void line_close(struct line *line)
{
	while (line->head) {
		struct frame *frame = line->head;

		line->head = frame->next;
		free(frame);
	}
	close(line->receive_fd);
	close(line->send_fd);
}

static void enqueue(struct line *line, const void *data, uint32_t length, uint64_t due_ns)
{
	struct frame *frame;

	if (line->queued_packets >= LINE_QUEUE_PACKETS ||
	    line->queued_bytes + length > LINE_QUEUE_BYTES) {
		line->dropped_full++;
		return;
	}
	frame = malloc(sizeof(*frame) + length);
	if (!frame) {
		line->dropped_full++;
		return;
	}
	frame->next = NULL;
	frame->due_ns = due_ns;
	frame->length = length;
	memcpy(frame->data, data, length);
	*line->tail = frame;
	line->tail = &frame->next;
	line->queued_packets++;
	line->queued_bytes += length;
}

bool line_receive(struct line *line)
{
	static unsigned char buffer[FRAME_MAX_BYTES];

	for (int i = 0; i < FRAMES_PER_ROUND; i++) {
		ssize_t length = recv(line->receive_fd, buffer, sizeof(buffer), MSG_TRUNC);

		if (length < 0)
			/* ENETDOWN tells once that the port went down; the socket works on. */
			return errno == EINTR || errno == ENETDOWN;
		if ((size_t)length > sizeof(buffer))
			line->dropped_full++;
		else
			enqueue(line, buffer, (uint32_t)length, line_now_ns() + line->delay_ns);
	}
	return true;
}

void line_send_due(struct line *line, uint64_t now_ns)
{
	while (line->head && line->head->due_ns <= now_ns) {
		struct frame *frame = line->head;

		/* A refusal is a drop at the far port: loss, rate, or carrier. */
		if (send(line->send_fd, frame->data, frame->length, 0) < 0)
			line->dropped_send++;
		else
			line->forwarded++;
		line->head = frame->next;
		if (!line->head)
			line->tail = &line->head;
		line->queued_packets--;
		line->queued_bytes -= frame->length;
		free(frame);
	}
}
