/* SPDX-License-Identifier: ISC */
/* hold report: what the reports of many runs come to, as a table or as JSON. */
#include "../common/json.h"
#include "../common/message.h"
#include "../common/options.h"
#include "../common/signal-name.h"
#include "report-files.h"
#include "report-summary.h"
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_line lines[] = {
	{ 0, "json", NULL, COMMON, "as one JSON object", "" },
};

static const struct verb verb_report = {
	"report",
	"Counts the reports of many runs: how they ended, what they used, which were the slowest.",
	"DIRECTORY|FILE...",
	lines,
	1,
	"Of a directory, the files whose names end in .json, as 'hold run --report-dir' writes them. A file may have\n"
	"many reports, a line each; - is standard input. What is no report is named, the first 10, and counted.\n"
	"Exit status: 0, 1 if anything could not be read, 125 hold was misused or the output could not be written.\n",
	"hold report results",
};

enum { STATUS_UNREADABLE = 1, MOST_NAMED = 10 };

static void take_trouble(void *context, const char *file, const char *what) {
	struct report_summary *summary = context;

	if (summary->unreadable++ < MOST_NAMED)
		say("report: '%s': %s", file, what);
}

static void take_line(void *context, const char *file, const char *line) {
	struct report_fields fields;
	const char *wrong = report_fields_read(line, &fields);

	if (wrong)
		take_trouble(context, file, wrong);
	else
		report_summary_add(context, file, &fields);
}

/* ---- the table ---- */

static void put_count(const char *label, int64_t count, const char *what) {
	if (count)
		print("%-12s %10" PRId64 "%s%s\n", label, count, *what ? "  " : "", what);
}

static void put_codes(const struct report_summary *summary) {
	char name[SIGNAL_NAME_SIZE], text[SIGNAL_NAME_SIZE + 16];

	for (int i = 0; i < REPORT_CODES; i++) {
		snprintf(text, sizeof text, "exit status %d", i);
		put_count("exited", summary->statuses[i], text);
	}
	for (int i = 0; i < REPORT_CODES; i++)
		put_count("signalled", summary->signals[i], signal_name(i, name));
	put_count("unknown", summary->outcomes[REPORT_UNKNOWN], "the system does not tell how");
	put_count("runs", summary->outcomes[REPORT_RUNS], "could not be ended");
	put_count("not started", summary->outcomes[REPORT_NOT_STARTED], "");
}

static void put_entry(const char *label, const char *figure, const struct report_entry *entry) {
	const struct report_fields *fields = &entry->fields;
	char name[SIGNAL_NAME_SIZE], end[SIGNAL_NAME_SIZE + 16];

	if (fields->outcome == REPORT_EXITED)
		snprintf(end, sizeof end, "exited %d", fields->code);
	else
		snprintf(end, sizeof end, "%s",
			 fields->outcome == REPORT_SIGNALLED ? signal_name(fields->code, name)
							     : report_outcome_names[fields->outcome]);
	print_clean("%-12s %14s  %s  %s%s%s: %s", label, figure, end, *fields->host ? fields->host : "?",
		    *fields->name ? " " : "", fields->name, fields->command);
}

static void print_table(const struct report_summary *summary) {
	char figure[40];

	print("%-12s %10" PRId64 "\n", "reports", summary->reports);
	put_count("unreadable", summary->unreadable, "");
	put_codes(summary);
	put_count("time limit", summary->timed_out, "reached");
	put_count("orphans", summary->with_orphans, "runs that left some");
	put_count("survivors", summary->with_survivors, "runs in which some could not be ended");
	print("%-12s %14.3f s\n%-12s %14.3f s user, %.3f s system\n", "time", (double)summary->wall_us / 1e6,
	      "processor", (double)summary->user_us / 1e6, (double)summary->system_us / 1e6);
	if (report_memory(&summary->largest.fields) >= 0) {
		snprintf(figure, sizeof figure, "%" PRId64 " KiB", report_memory(&summary->largest.fields));
		put_entry("most memory", figure, &summary->largest);
	}
	for (int i = 0; i < summary->slowest_count; i++) {
		snprintf(figure, sizeof figure, "%.3f s", (double)summary->slowest[i].fields.wall_us / 1e6);
		put_entry(i ? "" : "slowest", figure, &summary->slowest[i]);
	}
}

/* ---- the JSON ---- */

static void put_json_entry(struct json *json, const char *key, const struct report_entry *entry) {
	const struct report_fields *fields = &entry->fields;
	char name[SIGNAL_NAME_SIZE];

	json_open(json, key, '{');
	json_string(json, "file", entry->file);
	if (*fields->host)
		json_string(json, "host", fields->host);
	if (*fields->name)
		json_string(json, "name", fields->name);
	json_string(json, "command", fields->command);
	json_string(json, "outcome", report_outcome_names[fields->outcome]);
	if (fields->outcome == REPORT_EXITED)
		json_number(json, "exit_status", fields->code);
	if (fields->outcome == REPORT_SIGNALLED)
		json_string(json, "signal", signal_name(fields->code, name));
	if (fields->wall_us >= 0)
		json_seconds(json, "wall_seconds", fields->wall_us);
	if (report_memory(fields) >= 0)
		json_number(json, "memory_kib", report_memory(fields));
	json_close(json, '}');
}

static void put_json_counts(struct json *json, const struct report_summary *summary) {
	char name[SIGNAL_NAME_SIZE];

	json_open(json, "outcomes", '{');
	for (int i = 0; i < REPORT_OUTCOMES; i++)
		json_number(json, report_outcome_names[i], summary->outcomes[i]);
	json_close(json, '}');
	json_open(json, "exit_statuses", '{');
	for (int i = 0; i < REPORT_CODES; i++) {
		snprintf(name, sizeof name, "%d", i);
		if (summary->statuses[i])
			json_number(json, name, summary->statuses[i]);
	}
	json_close(json, '}');
	json_open(json, "signals", '{');
	for (int i = 0; i < REPORT_CODES; i++) {
		if (summary->signals[i])
			json_number(json, signal_name(i, name), summary->signals[i]);
	}
	json_close(json, '}');
}

static bool print_json(const struct report_summary *summary) {
	struct json json = { 0 };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_number(&json, "reports", summary->reports);
	json_number(&json, "unreadable", summary->unreadable);
	put_json_counts(&json, summary);
	json_number(&json, "timed_out", summary->timed_out);
	json_number(&json, "with_orphans", summary->with_orphans);
	json_number(&json, "with_survivors", summary->with_survivors);
	json_seconds(&json, "wall_seconds", summary->wall_us);
	json_seconds(&json, "user_seconds", summary->user_us);
	json_seconds(&json, "system_seconds", summary->system_us);
	if (report_memory(&summary->largest.fields) >= 0)
		put_json_entry(&json, "most_memory", &summary->largest);
	json_open(&json, "slowest", '[');
	for (int i = 0; i < summary->slowest_count; i++)
		put_json_entry(&json, NULL, &summary->slowest[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	written = json_write(&json, STDOUT_FILENO);
	json_free(&json);
	return written;
}

static bool print_summary(const struct report_summary *summary, bool as_json) {
	if (as_json)
		return print_json(summary);
	print_table(summary);
	return output_is_written();
}

static int summarize(char **paths, bool as_json) {
	struct report_summary *summary = malloc(sizeof *summary);
	int status = 0;

	if (!summary) {
		say("report: %s", strerror(errno));
		return STATUS_FAILED;
	}
	report_summary_begin(summary);
	for (char **path = paths; *path; path++)
		report_files_read(*path, take_line, take_trouble, summary);
	if (summary->unreadable > MOST_NAMED)
		say("report: %" PRId64 " more could not be read", summary->unreadable - MOST_NAMED);
	if (!print_summary(summary, as_json))
		status = say_unwritten();
	else if (summary->unreadable)
		status = STATUS_UNREADABLE;
	free(summary);
	return status;
}

int verb_report_main(int argc, char **argv) {
	bool as_json = false;
	int found;

	while ((found = options_next(&verb_report, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		as_json = true;
	}
	if (optind < argc)
		return summarize(argv + optind, as_json);
	say("report: no directory");
	hint("hold report DIRECTORY..., as 'hold run --report-dir DIRECTORY' fills it");
	return STATUS_FAILED;
}
