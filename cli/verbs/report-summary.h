/* SPDX-License-Identifier: ISC */
/* What many reports come to. */
#ifndef CLI_VERBS_REPORT_SUMMARY_H
#define CLI_VERBS_REPORT_SUMMARY_H

#include "report-fields.h"

enum { SLOWEST = 10, REPORT_CODES = 256, REPORT_FILE_SIZE = 4096 };

/* One report, as it is named among the others. */
struct report_entry {
	struct report_fields fields;
	char file[REPORT_FILE_SIZE]; /* a longer name is cut */
};

struct report_summary {
	int64_t reports, unreadable;
	int64_t outcomes[REPORT_OUTCOMES];
	int64_t statuses[REPORT_CODES], signals[REPORT_CODES];
	int64_t timed_out, with_orphans, with_survivors;
	int64_t wall_us, user_us, system_us; /* sums, which stay at the largest number */
	struct report_entry largest;         /* in memory; not one: max_rss_kib and tree_memory_kib are negative */
	struct report_entry slowest[SLOWEST];
	int slowest_count;
};

void report_summary_begin(struct report_summary *summary);
void report_summary_add(struct report_summary *summary, const char *file, const struct report_fields *fields);

/* The larger of the two that a report may have; negative: it has none. */
int64_t report_memory(const struct report_fields *fields);

#endif
