/* SPDX-License-Identifier: ISC */
/*
 * A process that puts the user's terminal back if hold is killed while it has attached: the screen first, then the
 * modes.
 */
#ifndef CLI_DETACH_RESTORER_H
#define CLI_DETACH_RESTORER_H

#include "../common/screen.h"

#include <stdbool.h>
#include <sys/types.h>

struct restorer {
	pid_t process;
	int socket; /* -1: there is none */
};

/*
 * Once the terminal is raw. It does not have the descriptor `other`. false: errno says why; a hold that is killed then
 * leaves the terminal as it is.
 */
bool restorer_begin(struct restorer *ret, int terminal, int other);

/* Tells it what switches the screen off by now. It waits for no answer. */
void restorer_tell(const struct restorer *restorer, const struct screen *screen);

/* Once the terminal is as it was. */
void restorer_end(struct restorer *restorer);

#endif
