/* SPDX-License-Identifier: ISC */
/* Gathers what happened: from the file that the command wrote, from hold's own, and from its end. */
#include "facts.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void read_side(const struct stage *stage, struct facts *facts) {
	char text[4096];

	stage_read(stage, "side", text, sizeof text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "began ", 6) == 0) {
			facts->began++;
			facts->command = atoi(line + 6);
		}
		if (strncmp(line, "term ", 5) == 0 && atoi(line + 5) == facts->command)
			facts->command_had_term = true;
		facts->terms += strncmp(line, "term ", 5) == 0;
		facts->members += strncmp(line, "member ", 7) == 0;
		if (strncmp(line, "ended ", 6) == 0)
			facts->ended = atoi(line + 6);
	}
}

static bool fails(const struct fault *fault) {
	return fault->action == FAIL_ONCE || fault->action == FAIL_ON;
}

/* Where standard error itself fails nothing can be told. */
static bool may_be_silent(const struct fault *fault) {
	return fails(fault) && fault->role == FRONT && (fault->call == SYS_write || fault->call == SYS_writev);
}

void find_facts(const struct stage *stage, struct facts *facts) {
	const int status = facts->outcome->wait_status;

	facts->ended = -1;
	facts->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	stage_read(stage, "err", facts->err, sizeof facts->err);
	stage_read(stage, "out", facts->out, sizeof facts->out);
	stage_read(stage, "report", facts->report, sizeof facts->report);
	stage_read(stage, "audit", facts->audit, sizeof facts->audit);
	read_side(stage, facts);
	facts->has_cause =
		strstr(facts->err, "hold: ") || strstr(facts->err, "timeout: ") || may_be_silent(facts->fault);
	facts->says_not_started = strstr(facts->err, "cannot start") || strstr(facts->err, "failed to run") ||
				  strstr(facts->report, "\"not_started\"");
	facts->says_left = strstr(facts->err, "could not be ended") || strstr(facts->err, "lives on") ||
			   strstr(facts->err, "may live on");
}
