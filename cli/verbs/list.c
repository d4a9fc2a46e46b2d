/* SPDX-License-Identifier: ISC */
/* hold list: the detached runs. */
#include "../common/message.h"
#include "../common/options.h"
#include "../store/directory.h"
#include "../store/lock.h"
#include "../store/run-json.h"
#include "../store/run-text.h"
#include "../store/runs.h"
#include "verbs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_ERROR = 1 };
enum { OPTION_ALL, OPTION_JSON };

static const struct option_line lines[] = {
	{ 'a', "all", NULL, COMMON, "also those that have ended", "" },
	{ 0, "json", NULL, COMMON, "a JSON object for each", "" },
};

static const struct verb verb_list = {
	"list",
	"Lists the detached runs of this user that are running.",
	"",
	lines,
	2,
	"The records of runs that have ended are removed after their time, and the oldest beyond 100.\n"
	"Exit status: 0, 1 if they could not be listed, 125 hold was misused.\n",
	"hold list --all",
};

static bool print_run(const struct run_entry *run, bool as_json, int width) {
	if (as_json)
		return run_write_json(run, STDOUT_FILENO);
	run_print_line(run, width);
	return true;
}

static int name_width(const struct run_list *list, bool all) {
	size_t width = 4;

	for (size_t i = 0; i < list->count; i++) {
		const size_t length = strlen(list->runs[i].record.name);

		if (length > width && (all || list->runs[i].state == RUN_LIVES))
			width = length;
	}
	return (int)width;
}

static int print_list(const struct run_list *list, bool all, bool as_json) {
	const int width = name_width(list, all);
	bool has_title = as_json;

	for (size_t i = 0; i < list->count; i++) {
		if (!all && list->runs[i].state != RUN_LIVES)
			continue;
		if (!has_title)
			run_print_title(width);
		has_title = true;
		if (!print_run(&list->runs[i], as_json, width))
			return say_unwritten();
	}
	return output_is_written() ? 0 : say_unwritten();
}

/* Records whose time has passed are not listed: they are removed, as at every start. */
static bool load(int store, struct run_list *ret) {
	const int lock = store >= 0 ? store_lock("list", store) : -1;

	if (lock >= 0) {
		runs_sweep(store);
		close(lock);
	}
	if (runs_load(store, ret))
		return true;
	say("list: the records of runs: %s", strerror(errno));
	return false;
}

int verb_list_main(int argc, char **argv) {
	bool all = false, as_json = false;
	struct run_list list;
	int found, store, status = STATUS_ERROR;

	while ((found = options_next(&verb_list, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		all |= found == OPTION_ALL;
		as_json |= found == OPTION_JSON;
	}
	if (options_have_operand(&verb_list, argc, argv))
		return STATUS_FAILED;
	store = store_look("list");
	if (store == -1)
		return STATUS_ERROR;
	if (load(store, &list)) {
		status = print_list(&list, all, as_json);
		runs_unload(&list);
	}
	if (store >= 0)
		close(store);
	return status;
}
