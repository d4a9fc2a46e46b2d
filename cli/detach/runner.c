/* SPDX-License-Identifier: ISC */
#include "runner.h"
#include "../common/message.h"

#include <errno.h>
#include <sys/wait.h>

int runner_status(pid_t runner) {
	int status;

	while (waitpid(runner, &status, 0) < 0) {
		if (errno != EINTR)
			return STATUS_FAILED;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say("run: the process that was to hold the command was killed");
	return STATUS_FAILED;
}
