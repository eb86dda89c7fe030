// SPDX-License-Identifier: Apache-2.0
/*
 * Delay for kernels without netem: moves frames between ports of a lab's links, each after its
 * time.
 *
 *   arrivals ──▶ line_receive ──▶ queue per direction ──▶ timer ──▶ line_send_due
 *
 * Usage: delay-line SOCKET. Runs in the namespace of the ports until SIGTERM.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

#define EVENTS_PER_ROUND 64
#define COMMAND_BYTES	 256
#define NICENESS	 -15

static struct lines lines;
/* Marks of the file descriptors that are no line's. */
static char timer_mark, listener_mark, signal_mark;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(int fd, void *mark)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

	if (epoll_ctl(lines.epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl");
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		fail(path);
	}
	strcpy(address.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0)
		fail(path);
	return fd;
}

/*
 * One client at a time, who must be quick: it is the lab's own command, on the same machine, and
 * frames wait meanwhile.
 */
static void serve(int listener)
{
	struct timeval patience = {.tv_usec = 100000};
	char command[COMMAND_BYTES];
	int fd = accept(listener, NULL, NULL);
	FILE *in = NULL, *out = NULL;

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	/* One stream per direction: a single one would have to seek between reading and writing. */
	in = fdopen(fd, "r");
	out = fdopen(dup(fd), "w");
	while (in && out && fgets(command, sizeof(command), in)) {
		char *answer;

		command[strcspn(command, "\n")] = '\0';
		answer = control_obey(&lines, command);
		fprintf(out, "%s\n", answer ? answer : "error memory");
		fflush(out);
		free(answer);
	}
	if (out)
		fclose(out);
	if (in)
		fclose(in);
	else
		close(fd);
}

static void arm(int timer_fd)
{
	struct itimerspec next = {0};
	uint64_t due = UINT64_MAX;

	for (int i = 0; i < lines.count; i++)
		if (lines.line[i]->head && lines.line[i]->head->due_ns < due)
			due = lines.line[i]->head->due_ns;
	if (due != UINT64_MAX) {
		next.it_value.tv_sec = (time_t)(due / 1000000000u);
		next.it_value.tv_nsec = (long)(due % 1000000000u);
	}
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &next, NULL);
}

/*
 * Late frames would be the lab's own jitter, and many late ones a failure that is none. Niceness
 * alone counts within a session only (sched(7), autogroup). Without the right it works, less
 * evenly.
 */
static void run_first(void)
{
	const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_RR)};

	if (sched_setscheduler(0, SCHED_RR, &lowest) < 0)
		setpriority(PRIO_PROCESS, 0, NICENESS);
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Gives true when it is time to end. */
static bool handle(const struct epoll_event *events, int count, int timer_fd, int listener)
{
	uint64_t expirations;
	bool serving = false;

	for (int i = 0; i < count; i++) {
		void *mark = events[i].data.ptr;

		if (mark == &signal_mark)
			return true;
		if (mark == &listener_mark)
			serving = true;
		else if (mark == &timer_mark)
			(void)!read(timer_fd, &expirations, sizeof(expirations));
		else
			line_receive(mark);
	}
	/* Last: a command may free lines that the events above name. */
	if (serving)
		serve(listener);
	return false;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_PER_ROUND];
	int timer_fd, listener, count;
	uint64_t now;

	if (argc != 2) {
		fprintf(stderr, "usage: delay-line SOCKET\n");
		return 2;
	}
	lines.ports = guard_start();
	prctl(PR_SET_TIMERSLACK, 1);
	run_first();
	lines.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (lines.epoll_fd < 0 || timer_fd < 0)
		fail("epoll or timer");
	watch(block_signals(), &signal_mark);
	watch(timer_fd, &timer_mark);
	listener = listen_on(argv[1]);
	watch(listener, &listener_mark);
	do {
		count = epoll_wait(lines.epoll_fd, events, EVENTS_PER_ROUND, -1);
		if (count < 0 && errno != EINTR)
			fail("epoll_wait");
		if (handle(events, count, timer_fd, listener))
			break;
		now = line_now_ns();
		for (int i = 0; i < lines.count; i++)
			line_send_due(lines.line[i], now);
		arm(timer_fd);
	} while (true);
	guard_cut(lines.ports);
	return 0;
}
