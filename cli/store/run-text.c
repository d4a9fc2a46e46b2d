/* SPDX-License-Identifier: ISC */
#include "run-text.h"
#include "../common/duration.h"
#include "../common/message.h"
#include "../common/signal-name.h"
#include "../common/time-of-day.h"

#include <pidhold.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_SIZE = 48 };

/* "running", "exited 3", "timed out, SIGTERM", "unknown". */
static char *state_text(const struct run_entry *run, char text[STATE_SIZE]) {
	const struct record *record = &run->record;
	const char *limit = record->timed_out ? "timed out, " : "";
	char name[SIGNAL_NAME_SIZE];

	if (run->state != RUN_HAS_ENDED)
		snprintf(text, STATE_SIZE, "%s", run_state_name(run->state));
	else if (record->how == HOLD_HOW_EXITED)
		snprintf(text, STATE_SIZE, "%sexited %" PRId64, limit, record->code);
	else if (record->how == HOLD_HOW_SIGNALLED)
		snprintf(text, STATE_SIZE, "%s%s", limit, signal_name((int)record->code, name));
	else
		snprintf(text, STATE_SIZE, "%sended", limit);
	return text;
}

/* How long it has run, in whole seconds from the first second on; "-": not known. */
static char *time_text(const struct run_entry *run, char text[DURATION_TEXT_SIZE]) {
	const struct record *record = &run->record;
	struct timespec now;
	int64_t end_us = record->ended_us, us;

	clock_gettime(CLOCK_REALTIME, &now);
	if (run->state == RUN_LIVES)
		end_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	us = end_us - record->started_us;
	if (run->state == RUN_UNKNOWN || us < 0)
		return strcpy(text, "-");
	return duration_text((us < 1000000 ? us / 1000 * 1000 : us / 1000000 * 1000000) * 1000, text);
}

/* The words of the command in one line. NULL: no memory. */
static char *command_text(const struct record *record) {
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (char **word = record->command; *word; word++)
		fprintf(out, "%s%s", word == record->command ? "" : " ", *word);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void run_print_title(int width) {
	print("%-*s  %-10s  %-8s  %-14s  COMMAND\n", width, "NAME", "STATE", "TIME", "REFERENCE");
}

void run_print_line(const struct run_entry *run, int width) {
	const struct record *record = &run->record;
	char state[STATE_SIZE], time[DURATION_TEXT_SIZE], *command = command_text(record);

	print_clean("%-*s  %-10s  %-8s  %-14s  %s", width, record->name, state_text(run, state), time_text(run, time),
		    record->reference ? record->reference : "-", command ? command : record->command[0]);
	free(command);
}

static void print_log(const struct record *record) {
	if (record->log_lost)
		print_clean("output     %" PRId64 " bytes, %" PRId64 " of them lost: %s", record->log_bytes,
			    record->log_lost, record->log_error ? record->log_error : "unknown error");
	else
		print_clean("output     %" PRId64 " bytes", record->log_bytes);
	if (record->log_left_out)
		print_clean("kept       %" PRId64 " bytes, the beginning or the end of them",
			    record->log_bytes - record->log_lost - record->log_left_out);
}

void run_print(const struct run_entry *run) {
	const struct record *record = &run->record;
	const struct timespec started = { .tv_sec = (time_t)(record->started_us / 1000000) };
	char state[STATE_SIZE], time[DURATION_TEXT_SIZE], day[TIME_OF_DAY_SIZE], *command = command_text(record);

	print_clean("name       %s", record->name);
	print_clean("state      %s", state_text(run, state));
	print_clean("command    %s", command ? command : record->command[0]);
	print_clean("directory  %s", record->directory ? record->directory : "-");
	print_clean("reference  %s", record->reference ? record->reference : "-");
	print_clean("started    %s", time_of_day(&started, day));
	print_clean("time       %s", time_text(run, time));
	if (run->state == RUN_HAS_ENDED)
		print_log(record);
	free(command);
}
