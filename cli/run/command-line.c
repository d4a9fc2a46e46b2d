/* SPDX-License-Identifier: ISC */
#include "command-line.h"
#include "contradiction.h"
#include "../common/duration.h"
#include "env-file.h"
#include "lifeline.h"
#include "../common/ladder.h"
#include "limit.h"
#include "most.h"
#include "../common/message.h"
#include "../common/parse-number.h"
#include "passed-fd.h"
#include "../common/suggest.h"
#include "tree-limit.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long the record of a detached run is kept. */
static const int64_t keep_ns = INT64_C(24) * 3600 * 1000000000;

enum run_option {
#define OPTION(identifier, letter, name, argument, rank, summary, more) OPTION_##identifier,
#include "options.def"
#undef OPTION
};

static const struct option_line lines[] = {
#define OPTION(identifier, letter, name, argument, rank, summary, more) { letter, name, argument, rank, summary, more },
#include "options.def"
#undef OPTION
};

_Static_assert(sizeof lines / sizeof *lines <= OPTIONS_MOST, "OPTIONS_MOST is too small");

const struct verb verb_run = {
	"run",
	"Starts a command, keeps hold of it, and tells how it ended.",
	"[--] COMMAND [ARGUMENT...]",
	lines,
	sizeof lines / sizeof *lines,
	"Without --tty the command stays in hold's process group with hold's streams: Ctrl-C, Ctrl-Z, pipelines and\n"
	"reading from the terminal work as if hold were not there. TERM and HUP sent to hold stop the command by the\n"
	"ladder, beginning with that signal. Without --timeout, --ladder, --signal and --kill-after they are passed\n"
	"on. Other signals are passed on; INT during a stop sends the ladder's last signal at once.\n\n"
	"Exit status, the first that applies: 125 hold failed or was misused; 122 it runs on, by --detach-after; 123\n"
	"a process could not be ended, or orphans were left, or died of a signal, and --strict is given; 124 a limit\n"
	"of time was reached, or it was idle; 129 the lifeline ended; 126 the command is not executable; 127 it was\n"
	"not found; 128+n signal n ended it; else its own, 0 to 255. If it died of SIGINT, hold does too.\n",
	"hold run -T 5m -- make check",
};

static bool wrong(const char *option, const char *value, const char *what) {
	say("run: %s '%s': %s", option, value, what);
	return false;
}

static bool make_ladder(struct run_command_line *line, const struct run_pending *pending) {
	const bool has_part = pending->first_signal || pending->kill_after_ns >= 0;

	line->has_ladder = pending->has_whole_ladder || has_part;
	if (pending->has_whole_ladder && has_part) {
		say("run: --ladder says all that --signal and --kill-after say");
		hint("--signal INT --kill-after 2s is --ladder INT,2s,KILL");
		return false;
	}
	if (pending->has_whole_ladder)
		return true;
	line->ladder[0] = (struct hold_rung){ .signal = SIGTERM, .wait_ms = 5000 };
	line->ladder[1] = (struct hold_rung){ .signal = SIGKILL };
	line->ladder_count = 2;
	if (pending->first_signal)
		line->ladder[0].signal = pending->first_signal;
	if (pending->kill_after_ns >= 0)
		line->ladder[0].wait_ms = duration_ms(pending->kill_after_ns);
	return true;
}

static bool parse_size(const char *text, struct hold_winsize *ret) {
	const char *x = strchr(text, 'x');
	char columns[16];
	int64_t c, r;

	if (x && (size_t)(x - text) < sizeof columns) {
		memcpy(columns, text, (size_t)(x - text));
		columns[x - text] = 0;
		if (parse_number(columns, 1, 65535, &c) && parse_number(x + 1, 1, 65535, &r)) {
			*ret = (struct hold_winsize){ .rows = (uint16_t)r, .columns = (uint16_t)c };
			return true;
		}
	}
	wrong("--size", text, "not a size");
	hint("columns, x, rows: 80x24");
	return false;
}

static bool parse_score(const char *option, const char *text, const char *complaint, int *ret) {
	int64_t number;

	if (!parse_number(text, -1000, 1000, &number))
		return wrong(option, text, complaint);
	*ret = (int)number;
	return true;
}

/* A duration that is not 0. */
static bool parse_time(const char *option, const char *text, int64_t *ret_ns) {
	if (!option_duration("run", option, text, ret_ns))
		return false;
	if (*ret_ns > 0)
		return true;
	wrong(option, text, "no time at all");
	hint("without a limit: leave %s out", option);
	return false;
}

/* Looks for the text among the words, and stores its index. */
static bool parse_word(const char *option, const char *text, const char *const *words, int count, int *ret) {
	const char *near = suggest(text, words, (size_t)count);

	for (*ret = 0; *ret < count; ++*ret) {
		if (!strcmp(text, words[*ret]))
			return true;
	}
	wrong(option, text, "not one of its words");
	if (near)
		hint("%s %s", option, near);
	return false;
}

/* Takes an option without an argument. false: it is no such option. */
static bool take_flag(struct run_command_line *line, struct run_pending *pending, enum run_option option) {
	switch (option) {
	case OPTION_TTY:
	case OPTION_PTY:
		return line->tty = true;
	case OPTION_NO_INPUT:
		return line->no_input = true;
	case OPTION_STRIP_CR:
		return line->strips_returns = true;
	case OPTION_ANSWER_QUERIES:
		return line->answers_queries = true;
	case OPTION_RECORD_INPUT:
		return line->record_input = true;
	case OPTION_NO_NEW_PRIVS:
		line->flags |= HOLD_NO_NEW_PRIVS;
		return true;
	case OPTION_NEW_SESSION:
		line->flags |= HOLD_NEW_SESSION;
		return true;
	case OPTION_CLOSE_FDS:
		return line->closes_fds = true;
	case OPTION_COUNT_SUSPEND:
		return line->counts_suspend = true;
	case OPTION_CLEAR_ENV:
		return pending->clear_env = true;
	case OPTION_PRESERVE_STATUS:
		return line->preserve_status = true;
	case OPTION_STRICT:
		return line->strict = true;
	case OPTION_QUIET:
		return line->quiet = true;
	case OPTION_PROGRESS:
		return line->progress = true;
	case OPTION_DETACH:
		return pending->has_detach = line->detach = true;
	case OPTION_NO_TIMEOUT:
		return line->no_time_limit = true;
	case OPTION_VERBOSE:
		return line->verbose = true;
	default:
		return false;
	}
}

/* Where an option's argument is stored as it is; NULL: it is none of these options. */
static const char **place_of(struct run_command_line *line, struct run_pending *pending, enum run_option option) {
	switch (option) {
	case OPTION_USER:
		return &pending->user;
	case OPTION_GROUP:
		return &pending->group;
	case OPTION_CHDIR:
	case OPTION_CWD:
		return &line->directory;
	case OPTION_STDIN:
		return &line->in;
	case OPTION_STDOUT:
		return &line->out;
	case OPTION_STDERR:
		return &line->err;
	case OPTION_RECORD:
		return &line->record;
	case OPTION_LOG:
		return &line->log;
	case OPTION_SPILL:
		return &line->spill;
	case OPTION_REPORT:
		return &line->report;
	case OPTION_REPORT_DIR:
		return &line->report_dir;
	case OPTION_PIDFILE:
		return &line->pid_file;
	case OPTION_REFERENCE_FILE:
		return &line->reference_file;
	case OPTION_NAME:
		return &line->name;
	case OPTION_AUDIT:
		return &line->audit;
	case OPTION_EVENTS:
		return &line->events;
	default:
		return NULL;
	}
}

#define COUNT(words) ((int)(sizeof(words) / sizeof *(words)))

/* In the order of HOLD_CONTAIN_..., from HOLD_CONTAIN_NONE on. */
static const char *const contain_words[] = { "auto", "none", "group", "keeper", "pidns", "cgroup" };
static const char *const orphans_words[] = { "end", "keep", "wait" };
static const char *const pass_to_words[] = { "tree", "process" };
static const char *const at_end_words[] = { "eof", "hang-up", "nothing" };
static const char *const record_format_words[] = { "2", "3" };
static const char *const report_format_words[] = { "json", "text" };
static const char *const if_running_words[] = { "refuse", "replace", "wait" };

static bool take_contain(struct run_command_line *line, const char *value) {
	int word;

	if (!parse_word("--contain", value, contain_words, COUNT(contain_words), &word))
		return false;
	line->contain = word ? HOLD_CONTAIN_NONE + word - 1 : HOLD_CONTAIN_AUTO;
	return true;
}

static bool take_orphans(struct run_command_line *line, const char *value) {
	int word;

	if (!parse_word("--orphans", value, orphans_words, COUNT(orphans_words), &word))
		return false;
	line->orphans = (enum orphans)word;
	return true;
}

static bool take_format(struct run_command_line *line, const char *value) {
	int word;

	if (!parse_word("--report-format", value, report_format_words, COUNT(report_format_words), &word))
		return false;
	line->report_format = (enum report_format)(REPORT_JSON + word);
	return true;
}

static bool take_record_format(struct run_command_line *line, struct run_pending *pending, const char *value) {
	int word;

	if (!parse_word("--record-format", value, record_format_words, COUNT(record_format_words), &word))
		return false;
	line->record_format = (enum record_format)word;
	return pending->has_record_format = true;
}

static bool take_if_running(struct run_command_line *line, struct run_pending *pending, const char *value) {
	int word;

	if (!parse_word("--if-running", value, if_running_words, COUNT(if_running_words), &word))
		return false;
	line->if_running = (enum if_running)word;
	return pending->has_if_running = true;
}

static bool take_pass_to(struct run_command_line *line, const char *value) {
	int word;

	if (!parse_word("--pass-to", value, pass_to_words, COUNT(pass_to_words), &word))
		return false;
	line->pass_to = PASS_TO_TREE + (enum pass_to)word;
	return true;
}

static bool take_at_end(struct run_command_line *line, const char *value) {
	int word;

	if (!parse_word("--at-end", value, at_end_words, COUNT(at_end_words), &word))
		return false;
	line->at_end = (enum at_end)word;
	return true;
}

static bool take_variable(struct run_pending *pending, enum run_option option, char *value) {
	switch (option) {
	case OPTION_ENV_FILE:
		pending->files[pending->file_count++] = value;
		return true;
	case OPTION_ENV:
		if (!strchr(value, '=') || value[0] == '=')
			return wrong("--env", value, "not of the form NAME=VALUE");
		pending->sets[pending->set_count++] = value;
		return true;
	default:
		if (strchr(value, '=') || !*value)
			return wrong("--unset", value, "not a name");
		pending->unsets[pending->unset_count++] = value;
		return true;
	}
}

static bool take_tree_limit(struct run_command_line *line, enum run_option option, const char *value) {
	const enum tree_limit which = option == OPTION_MEMORY     ? TREE_MEMORY
				      : option == OPTION_TASKS    ? TREE_TASKS
				      : option == OPTION_CPUS     ? TREE_CPUS
				      : option == OPTION_CPU_TIME ? TREE_CPU_TIME
								  : TREE_IO_WEIGHT;

	return tree_limit_parse(which, value, &line->tree_limits);
}

/* The options whose argument is one of a few words. */
static bool take_word(struct run_command_line *line, struct run_pending *pending, enum run_option option,
		      const char *value) {
	switch (option) {
	case OPTION_CONTAIN:
		return take_contain(line, value);
	case OPTION_ORPHANS:
		return take_orphans(line, value);
	case OPTION_AT_END:
		return take_at_end(line, value);
	case OPTION_RECORD_FORMAT:
		return take_record_format(line, pending, value);
	case OPTION_IF_RUNNING:
		return take_if_running(line, pending, value);
	case OPTION_REPORT_FORMAT:
		return take_format(line, value);
	case OPTION_PASS_TO:
		return take_pass_to(line, value);
	default:
		return false;
	}
}

static bool take(struct run_command_line *line, struct run_pending *pending, enum run_option option, char *value) {
	const char **place = place_of(line, pending, option);

	if (place) {
		*place = value;
		return true;
	}
	switch (option) {
	case OPTION_LADDER:
		pending->has_whole_ladder = true;
		return ladder_parse("run", value, line->ladder, &line->ladder_count);
	case OPTION_SIGNAL:
		return option_signal("run", "--signal", value, &pending->first_signal);
	case OPTION_KILL_AFTER:
		return option_duration("run", "--kill-after", value, &pending->kill_after_ns);
	case OPTION_SIZE:
		return parse_size(value, &line->winsize);
	case OPTION_MAX_OUTPUT:
		return line->bounds_output = most_parse(value, &line->most_head, &line->most_tail);
	case OPTION_TIMEOUT:
		return parse_time("--timeout", value, &line->time_limit_ns);
	case OPTION_IDLE_TIMEOUT:
		return parse_time("--idle-timeout", value, &line->idle_timeout_ns);
	case OPTION_WARN_AFTER:
		return parse_time("--warn-after", value, &line->warn_after_ns);
	case OPTION_DETACH_AFTER:
		line->detach = true;
		return parse_time("--detach-after", value, &line->detach_after_ns);
	case OPTION_READY_FD:
		return passed_fd_for_ready(value, &line->ready_fd);
	case OPTION_MAP_SIGNAL:
		return signal_map_add(&line->signal_map, value);
	case OPTION_OK_STATUS:
		return ok_status_add(&line->ok_statuses, value);
	case OPTION_ANSWER_TIMES:
		return answer_take_times(line->answer_count ? &line->answers[line->answer_count - 1] : NULL, value);
	case OPTION_KEEP:
		return option_duration("run", "--keep", value, &line->keep_ns);
	case OPTION_LIFELINE:
		line->lifeline = lifeline_take(value);
		return line->lifeline >= 0;
	case OPTION_FD:
		return passed_fd_add(value, line->passes, &line->pass_count);
	case OPTION_NICE:
		return parse_score("--nice", value, "not a number", &line->nice);
	case OPTION_OOM_SCORE_ADJ:
		line->flags |= HOLD_SET_OOM_SCORE;
		return parse_score("--oom-score-adj", value, "not a number from -1000 to 1000", &line->oom_score_adj);
	case OPTION_RLIMIT:
		return limit_parse(value, &line->limits[line->limit_count++]);
	case OPTION_MEMORY:
	case OPTION_TASKS:
	case OPTION_CPUS:
	case OPTION_CPU_TIME:
	case OPTION_IO_WEIGHT:
		return take_tree_limit(line, option, value);
	case OPTION_ENV_FILE:
	case OPTION_ENV:
	case OPTION_UNSET:
		return take_variable(pending, option, value);
	default:
		return value ? take_word(line, pending, option, value) : take_flag(line, pending, option);
	}
}

static int64_t limit_from(int64_t now, int64_t limit_ns) {
	int64_t deadline;

	return limit_ns && !__builtin_add_overflow(now, limit_ns, &deadline) ? deadline : HOLD_FOREVER;
}

/* The kind of a terminal that is made where there is none, as for a job of cron. */
#define NEW_TERM "xterm"

/* As env(1): first the environment is emptied, then variables are removed, then set. */
static bool change_environment(const struct run_command_line *line, const struct run_pending *pending) {
	const int64_t deadline = limit_from(hold_now(), line->time_limit_ns);
	bool done = true;

	if (pending->clear_env)
		clearenv();
	else if (line->tty)
		done = setenv("TERM", NEW_TERM, 0) == 0;
	for (size_t i = 0; i < pending->unset_count; i++)
		unsetenv(pending->unsets[i]);
	for (size_t i = 0; i < pending->file_count; i++) {
		if (!env_file_read(pending->files[i], deadline))
			return false;
	}
	for (size_t i = 0; i < pending->set_count; i++)
		done = putenv(pending->sets[i]) == 0 && done;
	if (!done)
		say("run: the environment: %s", strerror(errno));
	return done;
}

static bool find_identity(struct run_command_line *line, const struct run_pending *pending) {
	if (!pending->user && !pending->group)
		return true;
	line->identity = malloc(sizeof *line->identity);
	if (line->identity)
		return identity_find(line->identity, pending->user, pending->group);
	say("run: %s", strerror(errno));
	return false;
}

static bool combine(struct run_command_line *line, const struct run_pending *pending) {
	if (options_contradict(line, pending))
		return false;
	if (tree_limits_are_given(&line->tree_limits))
		line->contain = HOLD_CONTAIN_CGROUP;
	return make_ladder(line, pending) && find_identity(line, pending) && change_environment(line, pending);
}

/* The one option with two arguments: the second one is the next word. */
static bool take_answer(struct run_command_line *line, const char *question, int argc, char **argv) {
	if (optind < argc)
		return answer_take(&line->answers[line->answer_count++], question, argv[optind++]);
	say("run: --answer '%s': a text to be typed is missing", question);
	return false;
}

static bool read_options(struct run_command_line *line, struct run_pending *pending, int argc, char **argv,
			 int *ret_status) {
	int found;

	while ((found = options_next(&verb_run, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID) {
			*ret_status = 0;
			return false;
		}
		if (found == OPTION_ANSWER) {
			if (!take_answer(line, optarg, argc, argv))
				return false;
			continue;
		}
		if (found == OPTIONS_WRONG || !take(line, pending, (enum run_option)found, optarg))
			return false;
	}
	return true;
}

bool run_command_line_read(struct run_command_line *ret, int argc, char **argv, int *ret_status) {
	struct run_pending pending = { .kill_after_ns = -1 };
	const size_t room = (size_t)argc;
	bool read = false;

	memset(ret, 0, sizeof *ret);
	ret->lifeline = -1;
	ret->task = batch_task_find(); /* before the environment is changed */
	ret->answers = calloc(room, sizeof *ret->answers);
	ret->keep_ns = -1;
	ret->limits = calloc(room, sizeof *ret->limits);
	ret->passes = calloc(room, sizeof *ret->passes);
	pending.unsets = calloc(room, sizeof *argv);
	pending.files = calloc(room, sizeof *argv);
	pending.sets = calloc(room, sizeof *argv);
	*ret_status = STATUS_FAILED;
	if (ret->answers && ret->limits && ret->passes && pending.unsets && pending.files && pending.sets)
		read = read_options(ret, &pending, argc, argv, ret_status);
	else
		say("run: %s", strerror(errno));
	ret->command = argv + optind;
	read = read && combine(ret, &pending);
	if (ret->keep_ns < 0)
		ret->keep_ns = keep_ns;
	free(pending.unsets);
	free(pending.files);
	free(pending.sets);
	if (!read)
		run_command_line_free(ret);
	return read;
}

void run_command_line_free(struct run_command_line *line) {
	free(line->answers);
	free(line->limits);
	free(line->passes);
	free(line->identity);
}
