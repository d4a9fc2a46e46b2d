/* SPDX-License-Identifier: ISC */
/* Random legal calls on a hold whose command is known. */
#include "storm.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int deadly[] = { SIGTERM, SIGKILL, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGALRM };

/* code >= 0: a command that exits with it; else one that stays. NULL: the start failed, which is wrong. */
static struct hold *start(struct worker *w, int code, int *ret_contain) {
	char text[16];
	const char *const argv[] = { storm.program, code < 0 ? NULL : text, NULL };
	struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.contain = storm.ways[below(w, storm.way_count)],
		.on_release = HOLD_ON_RELEASE_KILL,
		.terminal = below(w, 16) ? NULL : &terminal,
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;
	int result;

	snprintf(text, sizeof text, "%d", code);
	*ret_contain = options.contain;
	atomic_fetch_add(&storm.starts, 1);
	result = hold_spawn(&h, &options, &error);
	if (result == 0)
		return h;
	wrong(w, "a good start with %s: %s at %s %s", hold_containment_name(options.contain), strerror(-result),
	      hold_step_name(error.step), error.object);
	return NULL;
}

static void check_end(struct worker *w, struct hold *h, int contain, int how, int code) {
	struct hold_status status = { .size = sizeof status };

	if (!is_right(w, "hold_wait", hold_wait(h, HOLD_FOREVER, &status), 0))
		return;
	if (status.how != how || status.code != code)
		wrong(w, "%s: ended as %d %d, not as %d %d", hold_containment_name(contain), status.how, status.code,
		      how, code);
}

static int visit(void *count, const struct hold_member *member) {
	*(int *)count += member->pid > 0;
	return 0;
}

/* What changes nothing. It may have ended. */
static void look(struct worker *w, struct hold *h) {
	struct hold_description description = { .size = sizeof description };
	char text[80];
	int count = 0, result;

	switch (below(w, 8)) {
	case 0:
		result = hold_signal(h, 0);
		is_right(w, "hold_signal 0", result == HOLD_GONE ? 0 : result, 0);
		break;
	case 1:
		result = hold_describe(h, &description);
		is_right(w, "hold_describe", result == HOLD_GONE ? 0 : result, 0);
		break;
	case 2:
		is_right(w, "hold_reference", hold_reference(h, text, sizeof text) > 0, 1);
		break;
	case 3:
		result = hold_tree_list(h, visit, &count);
		is_right(w, "hold_tree_list", result == HOLD_GONE ? 0 : result, 0);
		is_right(w, "hold_tree_list's count", count <= 1, 1);
		break;
	case 4:
		is_right(w, "hold_fd", hold_fd(h) > 2, 1);
		break;
	case 5:
		result = poll(&(struct pollfd){ .fd = hold_fd(h), .events = POLLIN }, 1, 0);
		is_right(w, "poll of hold_fd", result >= 0 || errno == EINTR, 1);
		break;
	case 6:
		result = hold_wait(h, HOLD_NOW, NULL);
		is_right(w, "hold_wait NOW", result == HOLD_PENDING ? 0 : result, 0);
		break;
	default:
		result = hold_job_take(h);
		is_right(w, "hold_job_take", result == -ENODATA ? 0 : result, 0);
	}
}

static void exit_by_itself(struct worker *w) {
	const int code = below(w, 256);
	int contain;
	struct hold *h = start(w, code, &contain);

	for (int looks = below(w, 4); h && looks > 0; looks--)
		look(w, h);
	if (h)
		check_end(w, h, contain, HOLD_HOW_EXITED, code);
	if (h && below(w, 2))
		check_end(w, h, contain, HOLD_HOW_EXITED, code);
	hold_release(h);
}

static void end_by_signal(struct worker *w) {
	const int signal = deadly[below(w, (int)(sizeof deadly / sizeof *deadly))], way = below(w, 3);
	const struct hold_rung rungs[] = { { .signal = signal, .wait_ms = 60000 }, { .signal = SIGKILL } };
	int contain, result;
	struct hold *h = start(w, -1, &contain);

	if (!h)
		return;
	look(w, h);
	is_right(w, "hold_wait of one that stays", hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	if (way == 0)
		is_right(w, "hold_signal", hold_signal(h, signal), 0);
	else if (way == 1)
		is_right(w, "hold_tree_signal", hold_tree_signal(h, signal), 0);
	else if (below(w, 2))
		is_right(w, "hold_stop", hold_stop(h, rungs, 2), 0);
	else {
		result = hold_tree_stop(h, rungs, 2, NULL, NULL, NULL);
		is_right(w, "hold_tree_stop", result, hold_containment(h) >= HOLD_CONTAIN_KEEPER ? 0 : HOLD_NONE_SEEN);
	}
	check_end(w, h, contain, HOLD_HOW_SIGNALLED, signal);
	hold_release(h);
}

static void release_at_once(struct worker *w) {
	int contain;
	struct hold *h = start(w, below(w, 2) ? -1 : 3, &contain);

	if (h && below(w, 2))
		look(w, h);
	hold_release(h);
}

static void run_with_output(struct worker *w) {
	const int code = below(w, 256);
	char script[64], wanted[32];
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct hold_options options = { .size = sizeof options,
					      .argv = argv,
					      .contain = storm.ways[below(w, storm.way_count)] };
	const struct hold_capture_options run = { .size = sizeof run, .options = &options };
	struct hold_capture_result result = { .size = sizeof result };
	int error;

	snprintf(wanted, sizeof wanted, "%d-%d\n", w->index, code);
	snprintf(script, sizeof script, "echo %d-%d; exit %d", w->index, code, code);
	atomic_fetch_add(&storm.starts, 1);
	error = hold_capture(&result, &run, NULL);
	if (!is_right(w, "hold_capture", error, 0))
		return;
	if (result.status.how != HOLD_HOW_EXITED || result.status.code != code || strcmp(result.out.bytes, wanted))
		wrong(w, "%s: hold_capture ended as %d %d with \"%s\", not with exit status %d and \"%s\"",
		      hold_containment_name(options.contain), result.status.how, result.status.code, result.out.bytes,
		      code, wanted);
	hold_capture_free(&result);
}

enum { SET_SIZE = 4 };

/* The tag is where the code stands that the command exits with. */
static void use_set(struct worker *w) {
	int codes[SET_SIZE], ways[SET_SIZE], count = 0, result;
	struct hold_waitset *set;
	struct hold *h;
	void *tag;

	if (!is_right(w, "hold_waitset_new", hold_waitset_new(&set), 0))
		return;
	for (int i = 0; i < SET_SIZE; i++) {
		codes[i] = below(w, 256);
		h = start(w, codes[i], &ways[i]);
		if (h && is_right(w, "hold_waitset_add", hold_waitset_add(set, h, &codes[i]), 0))
			count++;
	}
	for (; count > 0; count--) {
		result = hold_waitset_next(set, HOLD_FOREVER, &h, &tag);
		if (!is_right(w, "hold_waitset_next", result, 0))
			break;
		check_end(w, h, ways[(int *)tag - codes], HOLD_HOW_EXITED, *(int *)tag);
		hold_release(h);
	}
	hold_waitset_free(set);
}

/* How it ended may be unknown to who adopted it, and must be right if it is known. */
static void adopt(struct worker *w) {
	struct hold_status status = { .size = sizeof status };
	struct hold *h, *adopted = NULL;
	int contain, result;
	char text[80];

	h = start(w, -1, &contain);
	if (!h)
		return;
	if (below(w, 2)) {
		result = hold_adopt(&adopted, hold_pid(h));
	} else {
		hold_reference(h, text, sizeof text);
		result = hold_adopt_reference(&adopted, text);
	}
	if (is_right(w, "hold_adopt", result, 0))
		is_right(w, "hold_signal of an adopted one", hold_signal(adopted, SIGUSR1), 0);
	else
		hold_signal(h, SIGUSR1);
	check_end(w, h, contain, HOLD_HOW_SIGNALLED, SIGUSR1);
	if (adopted && is_right(w, "hold_wait of an adopted one", hold_wait(adopted, HOLD_FOREVER, &status), 0) &&
	    status.how != HOLD_HOW_UNKNOWN && (status.how != HOLD_HOW_SIGNALLED || status.code != SIGUSR1))
		wrong(w, "%s: adopted, it ended as %d %d", hold_containment_name(contain), status.how, status.code);
	hold_release(adopted);
	hold_release(h);
}

void act_with_hold(struct worker *w) {
	static const struct {
		const char *name;
		int share;
		void (*act)(struct worker *w);
	} acts[] = {
		{ "exit_by_itself", 30, exit_by_itself },
		{ "end_by_signal", 30, end_by_signal },
		{ "release_at_once", 10, release_at_once },
		{ "run_with_output", 10, run_with_output },
		{ "use_set", 10, use_set },
		{ "adopt", 10, adopt },
	};
	int drawn = below(w, 100), i = 0;

	while (drawn >= acts[i].share)
		drawn -= acts[i++].share;
	w->act = acts[i].name;
	acts[i].act(w);
}
