/* SPDX-License-Identifier: ISC */
#include "options.h"
#include "failure.h"
#include "structure.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#define FLAGS \
	(HOLD_NEW_SESSION | HOLD_NEW_GROUP | HOLD_KEEP_MASK | HOLD_PASS_ALL | HOLD_SET_UMASK | HOLD_SET_OOM_SCORE | \
	 HOLD_SET_IO_PRIORITY | HOLD_NO_NEW_PRIVS | HOLD_LADDER_AT_DEATH | HOLD_RESTORE_TERMINAL | \
	 HOLD_SHELL_SCRIPTS | HOLD_SET_LISTEN_PID | HOLD_KEEPER_LEADS)

const struct hold_stdio *options_stream(const struct hold_options *options, int number) {
	return number == 0 ? &options->in : number == 1 ? &options->out : &options->err;
}

static int check_stream(const struct hold_options *options, int number, struct hold_error *reterr) {
	static const char *const names[] = { "in", "out", "err" };
	const struct hold_stdio *stream = options_stream(options, number);
	const char *wrong = NULL;
	char object[16];

	switch (stream->kind) {
	case HOLD_STDIO_DEFAULT:
	case HOLD_STDIO_INHERIT:
	case HOLD_STDIO_NULL:
	case HOLD_STDIO_PIPE:
		break;
	case HOLD_STDIO_FD:
		wrong = stream->fd < 0 ? "fd" : NULL;
		break;
	case HOLD_STDIO_APPEND:
		wrong = number == 0 ? "kind" : NULL;
		/* fallthrough */
	case HOLD_STDIO_FILE:
		wrong = !wrong && !stream->path ? "path" : wrong;
		break;
	case HOLD_STDIO_LIKE_STDOUT:
		wrong = number != 2 ? "kind" : NULL;
		break;
	default:
		wrong = "kind";
	}
	if (!wrong)
		return 0;
	snprintf(object, sizeof object, "%s.%s", names[number], wrong);
	return failure(reterr, -EINVAL, HOLD_AT_OPTION, object);
}

static int check_passes(const struct hold_options *options, struct hold_error *reterr) {
	if (options->pass_count > INT_MAX / 4 || (options->pass_count && !options->pass))
		return failure(reterr, -EINVAL, HOLD_AT_OPTION, "pass");
	for (size_t i = 0; i < options->pass_count; i++) {
		if (options->pass[i].fd < 0)
			return failure_number(reterr, -EINVAL, HOLD_AT_OPTION, "pass[%lld].fd", (long long)i);
		if (options->pass[i].as < 3 || options->pass[i].as == INT_MAX)
			return failure_number(reterr, -EINVAL, HOLD_AT_OPTION, "pass[%lld].as", (long long)i);
	}
	return 0;
}

static int check_limits(const struct hold_options *options, struct hold_error *reterr) {
	if (options->limit_count > INT_MAX / 4 || (options->limit_count && !options->limits))
		return failure(reterr, -EINVAL, HOLD_AT_OPTION, "limits");
	for (size_t i = 0; i < options->limit_count; i++) {
		if (options->limits[i].reserved)
			return failure_number(reterr, -EINVAL, HOLD_AT_OPTION, "limits[%lld].reserved", (long long)i);
	}
	return 0;
}

static int take_ids(struct hold_ids *ret, const struct hold_ids *given, struct hold_error *reterr) {
	int error = structure_take(ret, sizeof *ret, given);

	if (error == 0 && (ret->set & ~(HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS) || ret->reserved ||
			   ret->group_count > INT_MAX || (ret->group_count && !ret->groups)))
		error = -EINVAL;
	return error < 0 ? failure(reterr, error, HOLD_AT_OPTION, "ids") : 0;
}

bool options_have_limits(const struct asked *asked) {
	const struct hold_tree_limits *limits = &asked->limits;

	return limits->memory || limits->tasks || limits->cpu_time_us || limits->milli_cpus || limits->io_weight;
}

/* The name of the first invalid limit, or NULL. */
static const char *find_wrong_limit(const struct hold_tree_limits *limits) {
	enum { TASKS_MOST = 1 << 22, MILLI_CPUS_LEAST = 10, IO_WEIGHT_MOST = 10000 };

	if (limits->tasks > TASKS_MOST)
		return "tree_limits.tasks";
	if (limits->cpu_time_us > INT64_MAX)
		return "tree_limits.cpu_time_us";
	if (limits->milli_cpus && limits->milli_cpus < MILLI_CPUS_LEAST)
		return "tree_limits.milli_cpus";
	return limits->io_weight > IO_WEIGHT_MOST ? "tree_limits.io_weight" : NULL;
}

/* With limits there is a control group, or no start. */
static int take_tree_limits(struct asked *asked, struct hold_error *reterr) {
	struct hold_options *options = &asked->options;
	int error = structure_take(&asked->limits, sizeof asked->limits, options->tree_limits);
	const char *wrong = error < 0 ? NULL : find_wrong_limit(&asked->limits);

	if (error < 0 || wrong)
		return failure(reterr, wrong ? -EINVAL : error, HOLD_AT_OPTION, wrong ? wrong : "tree_limits");
	if (!options_have_limits(asked))
		return 0;
	if (options->contain == HOLD_CONTAIN_AUTO || options->contain == HOLD_CONTAIN_BEST)
		options->contain = HOLD_CONTAIN_CGROUP;
	return options->contain == HOLD_CONTAIN_CGROUP ? 0 : failure(reterr, -EINVAL, HOLD_AT_OPTION, "tree_limits");
}

/* Whether the value is 0, the default of its family of constants, or one of the others, `first` to `last`. */
static bool is_in_family(int value, int first, int last) {
	return value == 0 || (value >= first && value <= last);
}

/* Checks the options that are one number or one pointer. Returns the name of the first invalid one, or NULL. */
static const char *find_wrong(const struct hold_options *options) {
	if (!options->argv || !options->argv[0])
		return "argv";
	if (options->flags & ~FLAGS)
		return "flags";
	if (options->umask > 0777)
		return "umask";
	if (options->parent_death_signal < 0)
		return "parent_death_signal";
	if (!is_in_family(options->contain, HOLD_CONTAIN_BEST, HOLD_CONTAIN_CGROUP) ||
	    (options->contain >= HOLD_CONTAIN_KEEPER && options->parent_death_signal) ||
	    (options->contain == HOLD_CONTAIN_PIDNS && options->on_release == HOLD_ON_RELEASE_LEAVE))
		return "contain";
	if (!is_in_family(options->on_release, HOLD_ON_RELEASE_KILL, HOLD_ON_RELEASE_LEAVE))
		return "on_release";
	return NULL;
}

static int check(const struct hold_options *options, struct hold_error *reterr) {
	const char *wrong = find_wrong(options);
	int error = wrong ? failure(reterr, -EINVAL, HOLD_AT_OPTION, wrong) : 0;

	for (int i = 0; i < 3 && error == 0; i++)
		error = check_stream(options, i, reterr);
	if (error == 0)
		error = check_passes(options, reterr);
	return error < 0 ? error : check_limits(options, reterr);
}

int options_take(struct asked *ret, const struct hold_options *given, struct hold_error *reterr) {
	int error = structure_take(&ret->options, sizeof ret->options, given);

	if (error < 0)
		return failure(reterr, error, HOLD_AT_OPTION, "size");
	if (ret->options.terminal) {
		error = structure_take(&ret->terminal, sizeof ret->terminal, ret->options.terminal);
		if (error < 0)
			return failure(reterr, error, HOLD_AT_OPTION, "terminal");
	}
	if (ret->options.tree_limits)
		error = take_tree_limits(ret, reterr);
	if (error == 0)
		error = check(&ret->options, reterr);
	return error < 0 || !ret->options.ids ? error : take_ids(&ret->ids, ret->options.ids, reterr);
}
