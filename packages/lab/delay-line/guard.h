/* SPDX-License-Identifier: Apache-2.0 */
/* Takes carrier from the ports of a delay line that has died: a link never looks up when it is not.
 */
#pragma once

#include "line.h"

/* Ports in use, shared between the worker and its guardian. */
struct guard_ports {
	char name[LINE_MAX][LINE_NAME_BYTES];
};

/* Forks. The child returns and does the work; the parent stays, and ends with the child. */
struct guard_ports *guard_start(void);
void guard_add(struct guard_ports *ports, const char *name);
void guard_remove(struct guard_ports *ports, const char *name);
/* Sets all ports down. */
void guard_cut(const struct guard_ports *ports);
