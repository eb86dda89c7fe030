/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the delay line is told, line by line over a unix stream socket; each line is answered by one
 * line. forward FROM TO DELAY_US   ok | error TEXT    (also changes the delay of a line that
 * exists) remove FROM TO             ok | error TEXT counters                   JSON:
 * [{"from","to","delayUs","queued","forwarded","droppedFull","droppedSend"}]
 */
#pragma once

#include <stddef.h>

#include "guard.h"
#include "line.h"

struct lines {
	struct line *line[LINE_MAX];
	int count;
	int epoll_fd;
	struct guard_ports *ports;
};

/* Obeys one command; gives the answer, a string to be freed, without its newline. */
char *control_obey(struct lines *lines, char *command);
