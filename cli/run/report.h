/* SPDX-License-Identifier: ISC */
/* What --report writes: a JSON object, or lines for people (report-text.c). What is not known is absent. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "answer.h"
#include "descendants.h"
#include "output-state.h"
#include "recording.h"
#include "stopping.h"

#include <pidhold.h>

#include <stdbool.h>
#include <time.h>

struct report {
	char **command;
	const char *name;           /* NULL: none was given */
	struct timespec started_at; /* the time of day, also of a start that failed */
	int64_t pid;                /* 0: not started */
	const char *reference;      /* "": not known */
	bool timed_out;
	const char *reason;  /* why the command, or what it left, was stopped; NULL: it was not */
	const char *awaited; /* a word: whether it waited for input when a limit struck; NULL: none did, or not known */
	bool has_niceness;
	int niceness, autogroup;
	bool lives;                          /* it could not be ended */
	bool is_running;                     /* it is handed over to the background */
	const struct hold_tree_usage *usage; /* NULL: not known */
	struct hold_status status;           /* how 0: not known */
	const struct hold_error *error;      /* of the start, or NULL */
	int failure;                         /* a negative errno of hold itself, once the command ran; or 0 */
	const struct stopping *stopping;
	const char *containment; /* its name */
	const struct descendants *descendants;
	const struct answer *answers;
	size_t answer_count;
	const struct output_state *outputs; /* what hold carried */
	size_t output_count;
	const struct spilled *spilled;
};

/* By a deadline. false: errno says why. */
bool report_write_json(const struct report *report, int fd, int64_t deadline);
bool report_write_text(const struct report *report, int fd, int64_t deadline);

#endif
