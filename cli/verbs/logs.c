/* SPDX-License-Identifier: ISC */
/* hold logs: prints the output of a detached run, as bytes. */
#include "../common/duration.h"
#include "../common/ladder.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../common/parse-number.h"
#include "../common/plain-text.h"
#include "../common/write-all.h"
#include "../store/directory.h"
#include "../store/find.h"
#include "../store/log-reader.h"
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_ERROR = 1 };
enum { LOOK_MS = 100, READ_SIZE = 65536 };
enum { OPTION_FOLLOW, OPTION_TAIL, OPTION_SINCE, OPTION_FROM, OPTION_PLAIN };

static const struct option_line lines[] = {
	{ 'f', "follow", NULL, COMMON, "go on until the run has ended", "" },
	{ 'n', "tail", "LINES", COMMON, "only the last lines", "" },
	{ 0, "since", "DURATION", COMMON, "only what came no longer ago: 10m", "To a tenth of a second." },
	{ 0, "from", "N", COMMON, "go on with byte N: 0 is the first", "" },
	{ 0, "plain", NULL, COMMON, "without escape sequences, and overwritten lines as they were at last", "" },
};

static const struct verb verb_logs = {
	"logs",
	"Prints the output of a detached run: standard output and error, as they came.",
	"NAME|REFERENCE",
	lines,
	5,
	"The beginning of a name is enough, if no other name begins so. Of an output that is too long the\n"
	"beginning is not kept. Bytes that are missing are counted on standard error.\n"
	"Exit status: 0, 1 if it could not be printed, 125 hold was misused.\n",
	"hold logs -f build",
};

struct logs {
	bool follows;
	int64_t tail;     /* lines; negative: all */
	int64_t since_ns; /* negative: all */
	int64_t from;
	const char *name;
	struct log_reader log;
	struct plain_text *plain; /* NULL: the bytes as they are */
};

/* ---- where it begins ---- */

/* How many newlines there are from here to this byte. */
static uint64_t count_lines(struct log_reader *log, uint64_t end) {
	char bytes[READ_SIZE];
	uint64_t count = 0;
	ssize_t n;

	while (log->at < end && (n = log_reader_read(log, bytes, sizeof bytes)) > 0) {
		for (const char *at = bytes; (at = memchr(at, '\n', (size_t)(bytes + n - at))); at++)
			count++;
	}
	return count;
}

/* Goes behind so many newlines. */
static void skip_lines(struct log_reader *log, uint64_t count) {
	char bytes[READ_SIZE];
	const char *at;
	ssize_t n;

	while (count > 0 && (n = log_reader_read(log, bytes, sizeof bytes)) > 0) {
		for (at = bytes; count > 0 && (at = memchr(at, '\n', (size_t)(bytes + n - at))); at++)
			count--;
		if (count == 0)
			log_reader_go(log, log->at - (uint64_t)(bytes + n - at));
	}
}

/* The last byte may end a line, or a line that has no end yet counts as one. */
static void go_to_tail(struct log_reader *log, int64_t tail) {
	const uint64_t first = log->at, end = log_reader_end_of(log);
	uint64_t count = count_lines(log, end);
	char last = '\n';

	log_reader_go(log, end ? end - 1 : 0);
	log_reader_read(log, &last, 1);
	count += last != '\n';
	log_reader_go(log, tail ? first : end);
	if (tail && count > (uint64_t)tail)
		skip_lines(log, count - (uint64_t)tail);
	log->missed = 0;
}

static void go_to_beginning(struct logs *logs) {
	struct timespec now;
	int64_t us;

	if (logs->since_ns >= 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - logs->since_ns / 1000;
		log_reader_go(&logs->log, log_reader_at_time(&logs->log, us > 0 ? (uint64_t)us : 0));
	}
	if (logs->from > 0 && (uint64_t)logs->from > logs->log.at)
		log_reader_go(&logs->log, (uint64_t)logs->from);
	if (logs->tail >= 0)
		go_to_tail(&logs->log, logs->tail);
}

/* ---- the output ---- */

static void say_missing(const struct logs *logs, uint64_t count, const char *where) {
	if (count)
		say("logs: '%s': %" PRIu64 " bytes are missing %s", logs->name, count, where);
}

static bool write_out(const char *bytes, size_t size) {
	return write_all(STDOUT_FILENO, bytes, size);
}

static bool write_log(struct logs *logs, const char *bytes, size_t size) {
	return logs->plain ? plain_text_add(logs->plain, bytes, size) : write_out(bytes, size);
}

/* Prints all that is there. 0, or hold's exit status. */
static int print_rest(struct logs *logs) {
	char bytes[READ_SIZE];
	ssize_t n;

	while ((n = log_reader_read(&logs->log, bytes, sizeof bytes)) > 0) {
		say_missing(logs, log_reader_take_missed(&logs->log), "here");
		if (!write_log(logs, bytes, (size_t)n))
			return say_unwritten();
	}
	if (n == 0)
		return 0;
	say("logs: '%s': %s", logs->name, strerror(errno));
	return STATUS_ERROR;
}

/* Waits a moment. false: nobody reads standard output any more. */
static bool pause_for(int ms) {
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, ms) <= 0;
}

/* The state is looked at before the last read: what came meanwhile is not lost. */
static int print_log(struct logs *logs, int store) {
	struct run_entry run;
	bool lives = true, is_loaded;
	int status = 0;

	while (status == 0 && lives) {
		is_loaded = run_load(store, logs->name, &run);
		lives = is_loaded && run.state == RUN_LIVES && logs->follows;
		status = print_rest(logs);
		if (is_loaded && run.state == RUN_HAS_ENDED && status == 0 &&
		    (uint64_t)run.record.log_bytes > logs->log.at && logs->tail != 0)
			say_missing(logs, (uint64_t)run.record.log_bytes - logs->log.at, "at the end");
		if (is_loaded)
			run_unload(&run);
		if (status == 0 && lives && !pause_for(LOOK_MS))
			return STATUS_FAILED;
	}
	if (status == 0 && logs->plain && !plain_text_end(logs->plain))
		return say_unwritten();
	return status;
}

static int print_run(struct logs *logs, int store, const char *text) {
	struct run_entry run;
	int directory, status = STATUS_ERROR;

	if (!run_find_in("logs", store, text, true, &run))
		return STATUS_ERROR;
	logs->name = run.record.name;
	directory = store_open_directory(store, logs->name);
	if (directory < 0) {
		say("logs: '%s': %s", logs->name, strerror(errno));
	} else {
		log_reader_begin(&logs->log, directory);
		go_to_beginning(logs);
		status = print_log(logs, store);
		log_reader_end(&logs->log);
	}
	run_unload(&run);
	return status;
}

/* Not initialized here: it has a large buffer, which the program's file would have then. */
static struct plain_text plain_text;

static bool take(struct logs *logs, int option) {
	switch (option) {
	case OPTION_FOLLOW:
		return logs->follows = true;
	case OPTION_TAIL:
		if (parse_number(optarg, 0, INT64_MAX, &logs->tail))
			return true;
		say("logs: --tail '%s': not a number of lines", optarg);
		return false;
	case OPTION_FROM:
		if (parse_number(optarg, 0, INT64_MAX, &logs->from))
			return true;
		say("logs: --from '%s': not the number of a byte", optarg);
		return false;
	case OPTION_PLAIN:
		plain_text.write = write_out;
		logs->plain = &plain_text;
		return true;
	default:
		return option_duration("logs", "--since", optarg, &logs->since_ns);
	}
}

int verb_logs_main(int argc, char **argv) {
	struct logs logs = { .tail = -1, .since_ns = -1 };
	int found, store, status;

	while ((found = options_next(&verb_logs, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG || !take(&logs, found))
			return STATUS_FAILED;
	}
	if (optind + 1 != argc) {
		say(optind == argc ? "logs: no run" : "logs: more than one run");
		return STATUS_FAILED;
	}
	store = store_look("logs");
	if (store == -1)
		return STATUS_ERROR;
	status = print_run(&logs, store, argv[optind]);
	if (store >= 0)
		close(store);
	return status;
}
