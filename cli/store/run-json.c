/* SPDX-License-Identifier: ISC */
#include "run-json.h"
#include "../common/json.h"
#include "../common/status-json.h"
#include "../common/time-of-day.h"

static void put_time(struct json *json, const char *key, int64_t us) {
	const struct timespec time = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };
	char text[TIME_OF_DAY_SIZE];

	if (us && *time_of_day(&time, text))
		json_string(json, key, text);
}

static void put_text(struct json *json, const char *key, const char *text) {
	if (text)
		json_string(json, key, text);
}

static void put_names(struct json *json, const struct record *record) {
	json_string(json, "name", record->name);
	json_open(json, "command", '[');
	for (char **word = record->command; *word; word++)
		json_string(json, NULL, *word);
	json_close(json, ']');
	put_text(json, "directory", record->directory);
	json_bool(json, "terminal", record->on_terminal != 0);
	if (record->pid)
		json_number(json, "pid", record->pid);
	put_text(json, "reference", record->reference);
	put_text(json, "hold", record->runner);
	put_text(json, "boot_id", record->boot);
}

/* How a run has ended whose end is written down. */
static void put_end(struct json *json, const struct record *record) {
	const struct hold_status status = { .size = sizeof status,
					    .how = (int32_t)record->how,
					    .code = (int32_t)record->code,
					    .core_dumped = (int32_t)record->core_dumped };

	status_json(json, &status);
	put_time(json, "ended_at", record->ended_us);
	json_seconds(json, "seconds", record->ended_us - record->started_us);
	json_bool(json, "timed_out", record->timed_out != 0);
	json_number(json, "status", record->status);
	json_number(json, "orphans", record->orphans);
	json_number(json, "survivors", record->survivors);
	json_open(json, "log", '{');
	json_number(json, "bytes", record->log_bytes);
	json_number(json, "lost", record->log_lost);
	json_number(json, "left_out", record->log_left_out);
	put_text(json, "error", record->log_error);
	json_close(json, '}');
}

bool run_write_json(const struct run_entry *run, int fd) {
	struct json json = { 0 };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_string(&json, "state", run_state_name(run->state));
	put_names(&json, &run->record);
	put_time(&json, "started_at", run->record.started_us);
	put_time(&json, "ready_at", run->record.ready_us);
	json_number(&json, "keep_seconds", run->record.keep_s);
	if (run->state == RUN_HAS_ENDED)
		put_end(&json, &run->record);
	json_close(&json, '}');
	written = json_write(&json, fd);
	json_free(&json);
	return written;
}
