/* SPDX-License-Identifier: ISC */
/* The report for people: a line for each fact that is known. */
#include "report.h"
#include "../common/time-of-day.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../common/signal-name.h"
#include "../common/write-all.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Arguments and names are of the command's choice: none may end a line or control a terminal. */
__attribute__((format(printf, 3, 4))) static void put(FILE *to, const char *label, const char *format, ...) {
	va_list arguments;
	char *words;

	va_start(arguments, format);
	if (vasprintf(&words, format, arguments) >= 0) {
		message_clean(words);
		fprintf(to, "%-12s %s\n", label, words);
		free(words);
	}
	va_end(arguments);
}

static void put_command(FILE *to, char **command) {
	char *words = NULL;
	size_t length;
	FILE *line = open_memstream(&words, &length);

	if (!line)
		return;
	for (char **word = command; *word; word++)
		fprintf(line, "%s%s", word == command ? "" : " ", *word);
	if (fclose(line) == 0)
		put(to, "command", "%s", words);
	free(words);
}

static void put_outcome(FILE *to, const struct report *report) {
	char text[sizeof report->error->object + 128];

	if (report->error) {
		hold_error_text(report->error, text, sizeof text);
		put(to, "outcome", "not started: %s", text);
	} else if (report->is_running) {
		put(to, "outcome", "still running");
	} else if (report->lives) {
		put(to, "outcome", "could not be ended");
	} else {
		hold_status_text(&report->status, text, sizeof text);
		put(to, "outcome", "%s%s", text, report->timed_out ? ", after its time limit" : "");
		if (report->reason)
			put(to, "reason", "%s", report->reason);
		if (report->awaited)
			put(to, "waits", "for input: %s", report->awaited);
	}
	if (report->failure)
		put(to, "error", "hold failed: %s", strerror(-report->failure));
}

static void put_tree_usage(FILE *to, const struct hold_tree_usage *usage) {
	if (usage->user_us >= 0 && usage->system_us >= 0)
		put(to, "tree time", "%.3f s user, %.3f s system%s", (double)usage->user_us / 1e6,
		    (double)usage->system_us / 1e6, usage->cpu_time_is_up ? ", its limit" : "");
	if (usage->memory_peak_kib >= 0)
		put(to, "tree memory", "%" PRId64 " KiB", usage->memory_peak_kib);
	if (usage->read_bytes >= 0 && usage->written_bytes >= 0)
		put(to, "tree disks", "%" PRId64 " bytes read, %" PRId64 " written", usage->read_bytes,
		    usage->written_bytes);
	if (usage->tasks_peak >= 0)
		put(to, "tree tasks", "%" PRId64 " at most", usage->tasks_peak);
	if (usage->tasks_refused > 0)
		put(to, "tree tasks", "%" PRId64 " times another one was refused", usage->tasks_refused);
	if (usage->oom_kills > 0)
		put(to, "out of memory", "%" PRId64 " killed by the kernel", usage->oom_kills);
	if (usage->signalled > 0)
		put(to, "descendants", "%" PRId64 " ended by a signal, %" PRId64 " with core", usage->signalled,
		    usage->dumped);
}

static void put_usage(FILE *to, const struct report *report) {
	const struct hold_status *status = &report->status;

	if (status->how && status->wall_ns >= 0)
		put(to, "time", "%.3f s", (double)status->wall_ns / 1e9);
	if (status->how && status->user_us >= 0 && status->system_us >= 0)
		put(to, "processor", "%.3f s user, %.3f s system", (double)status->user_us / 1e6,
		    (double)status->system_us / 1e6);
	if (status->how && status->max_rss_kib >= 0)
		put(to, "memory", "%" PRId64 " KiB", status->max_rss_kib);
	if (report->usage)
		put_tree_usage(to, report->usage);
}

static void put_sent(FILE *to, const struct stopping *stopping) {
	char name[SIGNAL_NAME_SIZE];

	for (size_t i = 0; i < stopping->sent_count; i++)
		put(to, "signal", "%s after %.3f s (%s)", signal_name(stopping->sent[i].signal, name),
		    (double)stopping->sent[i].at_us / 1e6, stopping->sent[i].why);
}

static void put_members(FILE *to, const char *label, const struct members *members) {
	const struct hold_member *member = members->list;

	for (size_t i = 0; i < members->count; i++, member++) {
		if (member->reference[0])
			put(to, label, "%s  %s", member->reference, member->command);
		else
			put(to, label, "%" PRId64 "  %s", member->pid, member->command);
	}
}

static void put_descendants(FILE *to, const struct report *report) {
	const struct descendants *all = report->descendants;

	put(to, "containment", "%s", report->containment);
	put_members(to, "orphan", &all->left);
	put_members(to, "survivor", &all->survivors);
	if (all->unnamed)
		put(to, "survivors", "%zu more, without a name", all->unnamed);
	if (all->is_uncounted)
		put(to, "survivors", "perhaps more, which cannot be counted");
}

static void put_outputs(FILE *to, const struct report *report) {
	const struct spilled *spilled = report->spilled;

	for (size_t i = 0; i < report->output_count; i++) {
		const struct output_state *output = &report->outputs[i];

		put(to, "output", "%s: %" PRIu64 " bytes, %" PRIu64 " kept, %" PRIu64 " left out, %" PRIu64 " lost",
		    output->stream, output->bytes, output_kept(output), output->left_out, output->lost);
	}
	if (spilled->file)
		put(to, "spill", "%s: %" PRIu64 " bytes%s%s", spilled->file, spilled->bytes, spilled->error ? ", " : "",
		    spilled->error ? open_file_reason(spilled->error) : "");
}

static void put_all(FILE *to, const struct report *report) {
	char time[TIME_OF_DAY_SIZE];

	if (report->name)
		put(to, "name", "%s", report->name);
	put_command(to, report->command);
	put(to, "started at", "%s", time_of_day(&report->started_at, time));
	put_outcome(to, report);
	if (report->error)
		return;
	put_usage(to, report);
	if (report->reference[0])
		put(to, "process", "%s", report->reference);
	else
		put(to, "process", "%" PRId64, report->pid);
	put_sent(to, report->stopping);
	put_descendants(to, report);
	put_outputs(to, report);
	for (size_t i = 0; i < report->answer_count; i++)
		put(to, "answer", "%" PRId64 " times to %s", report->answers[i].given, report->answers[i].question);
	if (report->has_niceness)
		put(to, "niceness", "%d", report->niceness);
}

bool report_write_text(const struct report *report, int fd, int64_t deadline) {
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	bool written = false;

	if (to) {
		put_all(to, report);
		written = fclose(to) == 0 && write_until(fd, text, length, deadline);
	}
	free(text);
	return written;
}
