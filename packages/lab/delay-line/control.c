// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define MAX_DELAY_US 60000000ull

static int find(const struct lines *lines, const char *from, const char *to)
{
	for (int i = 0; i < lines->count; i++)
		if (!strcmp(lines->line[i]->from, from) && !strcmp(lines->line[i]->to, to))
			return i;
	return -1;
}

static char *failure(const char *what, int error)
{
	char *answer = NULL;

	if (asprintf(&answer, "error %s: %s", what, strerror(error)) < 0)
		return NULL;
	return answer;
}

static char *forward(struct lines *lines, const char *from, const char *to, uint64_t delay_us)
{
	int place = find(lines, from, to), error;
	struct epoll_event event = {.events = EPOLLIN};
	struct line *line;

	if (delay_us > MAX_DELAY_US)
		return failure("delay", ERANGE);
	if (place >= 0) {
		line_set_delay(lines->line[place], delay_us * 1000);
		return strdup("ok");
	}
	if (lines->count == LINE_MAX)
		return failure("lines", ENOSPC);
	line = malloc(sizeof(*line));
	if (!line)
		return failure("line", ENOMEM);
	error = line_open(line, from, to, delay_us * 1000);
	if (error) {
		free(line);
		return failure(from, -error);
	}
	event.data.ptr = line;
	if (epoll_ctl(lines->epoll_fd, EPOLL_CTL_ADD, line->receive_fd, &event) < 0) {
		error = errno;
		line_close(line);
		free(line);
		return failure("epoll", error);
	}
	lines->line[lines->count++] = line;
	guard_add(lines->ports, from);
	guard_add(lines->ports, to);
	return strdup("ok");
}

static bool port_in_use(const struct lines *lines, const char *name)
{
	for (int i = 0; i < lines->count; i++)
		if (!strcmp(lines->line[i]->from, name) || !strcmp(lines->line[i]->to, name))
			return true;
	return false;
}

static char *remove_line(struct lines *lines, const char *from, const char *to)
{
	int place = find(lines, from, to);

	if (place < 0)
		return failure(from, ENOENT);
	line_close(lines->line[place]);
	free(lines->line[place]);
	lines->line[place] = lines->line[--lines->count];
	if (!port_in_use(lines, from))
		guard_remove(lines->ports, from);
	if (!port_in_use(lines, to))
		guard_remove(lines->ports, to);
	return strdup("ok");
}

static char *counters(const struct lines *lines)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputc('[', out);
	for (int i = 0; i < lines->count; i++) {
		const struct line *line = lines->line[i];

		fprintf(out,
			"%s{\"from\":\"%s\",\"to\":\"%s\",\"delayUs\":%llu,\"queued\":%u,"
			"\"forwarded\":%llu,\"droppedFull\":%llu,\"droppedSend\":%llu}",
			i ? "," : "", line->from, line->to,
			(unsigned long long)line->delay_ns / 1000, line->queued_packets,
			(unsigned long long)line->forwarded, (unsigned long long)line->dropped_full,
			(unsigned long long)line->dropped_send);
	}
	fputc(']', out);
	fclose(out);
	return text;
}

char *control_obey(struct lines *lines, char *command)
{
	char from[LINE_NAME_BYTES], to[LINE_NAME_BYTES];
	unsigned long long delay_us;

	if (sscanf(command, "forward %15s %15s %llu", from, to, &delay_us) == 3)
		return forward(lines, from, to, delay_us);
	if (sscanf(command, "remove %15s %15s", from, to) == 2)
		return remove_line(lines, from, to);
	if (!strcmp(command, "counters"))
		return counters(lines);
	return failure("command", EINVAL);
}
