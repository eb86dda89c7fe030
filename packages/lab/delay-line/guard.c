// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t worker;

static void pass_on(int signal_number)
{
	kill(worker, signal_number);
}

static void set_down(int fd, const char *name)
{
	struct ifreq request = {0};

	memcpy(request.ifr_name, name, LINE_NAME_BYTES);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return;
	request.ifr_flags &= (short)~IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &request);
}

void guard_cut(const struct guard_ports *ports)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	for (int i = 0; i < LINE_MAX; i++)
		if (ports->name[i][0])
			set_down(fd, ports->name[i]);
	close(fd);
}

static void guard_wait(const struct guard_ports *ports)
{
	int status = 0;

	signal(SIGTERM, pass_on);
	signal(SIGINT, SIG_IGN);
	while (waitpid(worker, &status, 0) != worker)
		;
	guard_cut(ports);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

struct guard_ports *guard_start(void)
{
	pid_t guardian = getpid();
	struct guard_ports *ports =
	    mmap(NULL, sizeof(*ports), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (ports == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	worker = fork();
	if (worker < 0) {
		perror("fork");
		exit(1);
	}
	if (worker > 0)
		guard_wait(ports);
	/* Without its guardian the worker ends too, and cuts the ports itself. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != guardian)
		exit(1);
	return ports;
}

void guard_add(struct guard_ports *ports, const char *name)
{
	int place = -1;

	for (int i = LINE_MAX - 1; i >= 0; i--) {
		if (strncmp(ports->name[i], name, LINE_NAME_BYTES) == 0)
			return;
		if (!ports->name[i][0])
			place = i;
	}
	if (place >= 0)
		strncpy(ports->name[place], name, LINE_NAME_BYTES - 1);
}

void guard_remove(struct guard_ports *ports, const char *name)
{
	for (int i = 0; i < LINE_MAX; i++)
		if (strncmp(ports->name[i], name, LINE_NAME_BYTES) == 0)
			memset(ports->name[i], 0, LINE_NAME_BYTES);
}
