/* SPDX-License-Identifier: ISC */
/* hold attach: the user's terminal is that of a detached run, until he detaches or it ends. */
#include "../attach/detach-key.h"
#include "../attach/place.h"
#include "../common/ancestry.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../detach/viewer.h"
#include "../store/directory.h"
#include "../store/ending.h"
#include "../store/find.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
	SOCKET_MS = 5000, /* for a run to make its socket again */
	LOOK_MS = 20,
	END_MS = 1000 /* for a process that has been killed to end */
};

enum { OPTION_READ_ONLY, OPTION_DETACH_KEY };

static const struct option_line lines[] = {
	{ 'r', "read-only", NULL, COMMON, "show it, and send no keys", "Its size does not change either." },
	{ 0, "detach-key", "KEY", COMMON, "the key that detaches, in place of ctrl-\\",
	  "ctrl-a to ctrl-z, ctrl-@, ctrl-[, ctrl-\\, ctrl-], ctrl-^, ctrl-_; none: no key does." },
};

static const struct verb verb_attach = {
	"attach",
	"Makes this terminal that of a detached run that was started with -t, until the key ctrl-\\ or its end.",
	"NAME|REFERENCE",
	lines,
	2,
	"The run goes on if this terminal hangs up, or hold is killed. Several may attach to one run.\n"
	"Exit status: 0 detached; if the run ends meanwhile, the status that 'hold run' would have had;\n"
	"125 an error, or the connection was lost.\n",
	"hold attach shell",
};

struct attaching {
	int store, directory; /* of all runs, and of this one */
	const struct run_entry *run;
	struct viewer_options options;
};

/* ---- the connection ---- */

static bool is_missing(int error) {
	return error == ENOENT || error == ENOTDIR || error == ECONNREFUSED;
}

/* As the record has it now. */
static int try_to_connect(const struct attaching *attaching) {
	struct run_entry run;
	int fd = -1, error;

	if (!run_load(attaching->store, attaching->run->record.name, &run))
		return -1;
	errno = ENOENT;
	if (run.record.socket)
		fd = place_connect(run.record.socket, attaching->directory);
	error = errno;
	run_unload(&run);
	errno = error;
	return fd;
}

/* A socket that was cleared away is made again. -1: errno says why. */
static int connect_to_run(const struct attaching *attaching) {
	const int64_t deadline = hold_after_ms(SOCKET_MS);
	int fd = try_to_connect(attaching);

	if (fd < 0 && is_missing(errno))
		run_nudge(attaching->run);
	while (fd < 0 && (is_missing(errno) || errno == EAGAIN) && hold_ms_until(deadline) != 0) {
		poll(NULL, 0, LOOK_MS);
		fd = try_to_connect(attaching);
	}
	return fd;
}

/* ---- the run ---- */

/* It would show itself what it shows. */
static bool descends_from(const struct run_entry *run) {
	struct hold *h;
	bool descends = false;

	if (!run->record.reference || hold_adopt_reference(&h, run->record.reference) != 0)
		return false;
	ancestry_look(h, &descends);
	hold_release(h);
	return descends;
}

/* Whether it can be attached to; else it is said why not. */
static bool is_fit(const struct run_entry *run) {
	const char *name = run->record.name;

	if (run->state != RUN_LIVES) {
		say("attach: '%s': has ended", name);
		hint("'hold logs %s' prints its output", name);
	} else if (run->record.phase == RUN_STARTING) {
		say("attach: '%s': is being started", name);
	} else if (!run->record.on_terminal) {
		say("attach: '%s': has no terminal: it was started without -t", name);
		hint("'hold logs -f %s' follows its output", name);
	} else if (!run->record.socket) {
		say("attach: '%s': has no socket; its log says why", name);
	} else if (descends_from(run)) {
		say("attach: '%s': hold itself runs in it", name);
	} else {
		return true;
	}
	return false;
}

/* ---- the end ---- */

/* As it is when the process that holds it has ended. */
static int tell_end(const struct attaching *attaching, int64_t deadline) {
	const char *name = attaching->run->record.name;
	const int result = run_await_end(attaching->run, deadline);
	struct run_entry run;
	int status;

	if (result == HOLD_PENDING)
		say("attach: '%s': the connection was lost: this terminal did not take the output", name);
	else if (result < 0)
		say("attach: '%s': %s", name, error_text(result));
	if (result != 0)
		return STATUS_FAILED;
	if (!run_load(attaching->store, name, &run)) {
		say("attach: '%s': %s", name, strerror(errno));
		return STATUS_FAILED;
	}
	status = run_exit_status("attach", &run);
	run_unload(&run);
	return status;
}

static int attach(const struct attaching *attaching) {
	const char *name = attaching->run->record.name;
	const int fd = connect_to_run(attaching), key = attaching->options.detach_key;
	char text[DETACH_KEY_TEXT];

	if (fd < 0) {
		say("attach: '%s': its socket: %s", name, strerror(errno));
		return STATUS_FAILED;
	}
	if (key != DETACH_KEY_NONE)
		hint("%s detaches", detach_key_text(key, text));
	switch (viewer_stay(name, fd, &attaching->options)) {
	case VIEWER_DETACHED:
		say("detached: '%s' goes on", name);
		return 0;
	case VIEWER_ENDED:
		return tell_end(attaching, HOLD_FOREVER);
	case VIEWER_LOST:
		return tell_end(attaching, hold_after_ms(END_MS));
	default:
		return STATUS_FAILED;
	}
}

static int attach_to(struct attaching *attaching, const char *text) {
	struct run_entry run;
	int status = STATUS_FAILED;

	if (!run_find_in("attach", attaching->store, text, false, &run))
		return STATUS_FAILED;
	attaching->run = &run;
	if (is_fit(&run)) {
		attaching->directory = store_open_directory(attaching->store, run.record.name);
		if (attaching->directory < 0)
			say("attach: '%s': %s", text, strerror(errno));
		else
			status = attach(attaching);
		close(attaching->directory);
	}
	run_unload(&run);
	return status;
}

static bool take(struct viewer_options *options, int option) {
	if (option == OPTION_READ_ONLY)
		return options->reads_only = true;
	if (detach_key_parse(optarg, &options->detach_key))
		return true;
	say("attach: --detach-key '%s': not a key", optarg);
	hint("ctrl-a to ctrl-z, ctrl-@, ctrl-[, ctrl-\\, ctrl-], ctrl-^, ctrl-_, none");
	return false;
}

int verb_attach_main(int argc, char **argv) {
	struct attaching attaching = { .options = { .detach_key = DETACH_KEY_USUAL } };
	int found, status;

	while ((found = options_next(&verb_attach, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG || !take(&attaching.options, found))
			return STATUS_FAILED;
	}
	if (optind + 1 != argc) {
		say(optind == argc ? "attach: no run" : "attach: more than one run");
		return STATUS_FAILED;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		say("attach: standard input and standard output have to be a terminal");
		return STATUS_FAILED;
	}
	attaching.store = store_look("attach");
	if (attaching.store == -1)
		return STATUS_FAILED;
	status = attach_to(&attaching, argv[optind]);
	if (attaching.store >= 0)
		close(attaching.store);
	return status;
}
