/* SPDX-License-Identifier: ISC */
#include "report-summary.h"

#include <stdio.h>
#include <string.h>

int64_t report_memory(const struct report_fields *fields) {
	return fields->max_rss_kib > fields->tree_memory_kib ? fields->max_rss_kib : fields->tree_memory_kib;
}

void report_summary_begin(struct report_summary *summary) {
	memset(summary, 0, sizeof *summary);
	summary->largest.fields.max_rss_kib = -1;
	summary->largest.fields.tree_memory_kib = -1;
}

static void sum(int64_t *to, int64_t number) {
	if (number > 0 && __builtin_add_overflow(*to, number, to))
		*to = INT64_MAX;
}

static void set_entry(struct report_entry *entry, const char *file, const struct report_fields *fields) {
	entry->fields = *fields;
	snprintf(entry->file, sizeof entry->file, "%s", file);
}

/* The list is in order, the slowest first; of equal ones the first that was read. */
static void add_slow(struct report_summary *summary, const char *file, const struct report_fields *fields) {
	struct report_entry *list = summary->slowest;
	int at = summary->slowest_count;

	while (at > 0 && list[at - 1].fields.wall_us < fields->wall_us)
		at--;
	if (at == SLOWEST || fields->wall_us < 0)
		return;
	if (summary->slowest_count < SLOWEST)
		summary->slowest_count++;
	memmove(list + at + 1, list + at, sizeof *list * (size_t)(summary->slowest_count - at - 1));
	set_entry(&list[at], file, fields);
}

void report_summary_add(struct report_summary *summary, const char *file, const struct report_fields *fields) {
	summary->reports++;
	summary->outcomes[fields->outcome]++;
	if (fields->outcome == REPORT_EXITED)
		summary->statuses[fields->code]++;
	if (fields->outcome == REPORT_SIGNALLED)
		summary->signals[fields->code]++;
	summary->timed_out += fields->timed_out;
	summary->with_orphans += fields->has_orphans;
	summary->with_survivors += fields->has_survivors;
	sum(&summary->wall_us, fields->wall_us);
	sum(&summary->user_us, fields->user_us);
	sum(&summary->system_us, fields->system_us);
	if (report_memory(fields) > report_memory(&summary->largest.fields))
		set_entry(&summary->largest, file, fields);
	add_slow(summary, file, fields);
}
