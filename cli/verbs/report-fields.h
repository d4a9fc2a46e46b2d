/* SPDX-License-Identifier: ISC */
/* What hold report takes from a report of hold run: a few fields of a JSON object, read without memory of its own. */
#ifndef CLI_VERBS_REPORT_FIELDS_H
#define CLI_VERBS_REPORT_FIELDS_H

#include <pidhold.h>

#include <stdbool.h>
#include <stdint.h>

enum { FIELD_TEXT_SIZE = 160 };

/* In the order of report_outcome_names. */
enum report_outcome {
	REPORT_EXITED,
	REPORT_SIGNALLED,
	REPORT_UNKNOWN,
	REPORT_RUNS,
	REPORT_NOT_STARTED,
	REPORT_OUTCOMES
};
extern const char *const report_outcome_names[REPORT_OUTCOMES];

struct report_fields {
	enum report_outcome outcome;
	int code; /* the exit status, or the signal */
	bool timed_out, has_orphans, has_survivors;
	int64_t wall_us, user_us, system_us;               /* negative: the report does not say */
	int64_t max_rss_kib, tree_memory_kib;              /* negative: the report does not say */
	char host[FIELD_TEXT_SIZE], name[FIELD_TEXT_SIZE]; /* "": none; a long one is cut */
	char command[FIELD_TEXT_SIZE];                     /* its words, with a space between two */
};

/* NULL: `text`, which ends with a null byte, was a report. Else what is wrong with it. */
const char *report_fields_read(const char *text, struct report_fields *ret);

#endif
