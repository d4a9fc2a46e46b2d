/* SPDX-License-Identifier: ISC */
#include "../detach/detach.h"
#include "../run/run.h"
#include "verbs.h"

int verb_run_main(int argc, char **argv) {
	struct run_command_line line = { 0 };
	int status;

	if (!run_command_line_read(&line, argc, argv, &status))
		return status;
	status = line.detach ? detach_run(&line) : run_line(&line, NULL);
	run_command_line_free(&line);
	return status;
}
