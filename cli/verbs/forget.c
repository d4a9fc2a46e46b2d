/* SPDX-License-Identifier: ISC */
/* hold forget: removes the records and logs of detached runs that have ended. */
#include "../common/message.h"
#include "../common/options.h"
#include "../store/directory.h"
#include "../store/ending.h"
#include "../store/find.h"
#include "../store/lock.h"
#include "../store/runs.h"
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_ERROR = 1 };

static const struct verb verb_forget = {
	"forget",
	"Removes the records and logs of detached runs that have ended.",
	"NAME|REFERENCE...",
	NULL,
	0,
	"A run that is running is not forgotten: it has to be stopped first.\n"
	"Exit status: 0, 1 if any could not be forgotten, 125 hold was misused.\n",
	"hold forget build",
};

static int forget(int store, const char *text) {
	struct run_entry run;
	int status = 0;

	if (!run_find_in("forget", store, text, false, &run))
		return STATUS_ERROR;
	if (run.state == RUN_LIVES) {
		if (run_is_in_reach("forget", &run)) {
			say("forget: '%s' is running", run.record.name);
			hint("hold stop %s", run.record.name);
		}
		status = STATUS_ERROR;
	} else if (!run_remove(store, run.record.name)) {
		say("forget: '%s': %s", run.record.name, strerror(errno));
		status = STATUS_ERROR;
	}
	run_unload(&run);
	return status;
}

static int forget_all(int store, char **texts) {
	const int lock = store >= 0 ? store_lock("forget", store) : -1;
	int worst = 0, status;

	if (store >= 0 && lock < 0)
		return STATUS_ERROR;
	for (; *texts; texts++) {
		status = forget(store, *texts);
		worst = status > worst ? status : worst;
	}
	if (lock >= 0)
		close(lock);
	return worst;
}

int verb_forget_main(int argc, char **argv) {
	int store, status;

	switch (options_next(&verb_forget, argc, argv)) {
	case OPTIONS_END:
		break;
	case OPTIONS_SAID:
		return 0;
	default:
		return STATUS_FAILED;
	}
	if (optind == argc) {
		say("forget: no run");
		return STATUS_FAILED;
	}
	store = store_look("forget");
	if (store == -1)
		return STATUS_ERROR;
	status = forget_all(store, argv + optind);
	if (store >= 0)
		close(store);
	return status;
}
