/* SPDX-License-Identifier: ISC */
/* Options of hold run that contradict each other, which shows when all of them were read. */
#ifndef CLI_RUN_CONTRADICTION_H
#define CLI_RUN_CONTRADICTION_H

#include "command-line.h"

/* Options that can only be combined when all options were read. */
struct pending {
	bool has_whole_ladder;
	int first_signal;      /* 0: not given */
	int64_t kill_after_ns; /* negative: not given */
	const char *user, *group;
	char **unsets, **files, **sets; /* of --unset, --env-file, --env, in their order; room for all there can be */
	size_t unset_count, file_count, set_count;
	bool clear_env;
	bool has_if_running, has_detach, has_record_format;
};

/* Whether there are such options. Then a message says which, and a hint names the way out. */
bool options_contradict(const struct run_command_line *line, const struct pending *pending);

#endif
