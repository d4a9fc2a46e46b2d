/* SPDX-License-Identifier: ISC */
#include "environment.h"

#include "os/os.h"

#include <stdlib.h>
#include <string.h>

static const char listen_pid[] = OS_LISTEN_PID_NAME "0000000000"; /* as many digits as a number of a process has */

const char **environment_with_listen_pid(const char *const *env) {
	size_t count = 0;
	const char **copy;
	char *text;

	while (env && env[count])
		count++;
	copy = malloc((count + 1) * sizeof *copy + sizeof listen_pid);
	if (!copy)
		return NULL;
	text = memcpy(copy + count + 1, listen_pid, sizeof listen_pid);
	for (size_t i = 0; i < count; i++) {
		copy[i] = env[i];
		if (text && !strncmp(env[i], OS_LISTEN_PID_NAME, sizeof OS_LISTEN_PID_NAME - 1)) {
			copy[i] = text;
			text = NULL;
		}
	}
	copy[count] = NULL;
	return copy;
}
