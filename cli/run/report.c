/* SPDX-License-Identifier: ISC */
#include "report.h"
#include "../common/boot-id.h"
#include "../common/json.h"
#include "../common/open-file.h"
#include "../common/signal-name.h"
#include "../common/status-json.h"
#include "../common/time-of-day.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* When and where: what names the run beside other runs. */
static void put_origin(struct json *json, const struct report *report) {
	char time[TIME_OF_DAY_SIZE], boot[BOOT_ID_SIZE];
	struct utsname system;

	if (report->name)
		json_string(json, "name", report->name);
	if (*time_of_day(&report->started_at, time))
		json_string(json, "started_at", time);
	if (uname(&system) == 0)
		json_string(json, "host", system.nodename);
	if (boot_id(boot))
		json_string(json, "boot_id", boot);
}

static void put_usage(struct json *json, const struct hold_status *status) {
	if (status->wall_ns >= 0)
		json_seconds(json, "wall_seconds", status->wall_ns / 1000);
	if (status->user_us >= 0)
		json_seconds(json, "user_seconds", status->user_us);
	if (status->system_us >= 0)
		json_seconds(json, "system_seconds", status->system_us);
	if (status->max_rss_kib >= 0)
		json_number(json, "max_rss_kib", status->max_rss_kib);
}

static void put_known(struct json *json, const char *key, int64_t number) {
	if (number >= 0)
		json_number(json, key, number);
}

static void put_tree_usage(struct json *json, const struct hold_tree_usage *usage) {
	put_known(json, "tree_memory_peak_kib", usage->memory_peak_kib);
	if (usage->user_us >= 0)
		json_seconds(json, "tree_user_seconds", usage->user_us);
	if (usage->system_us >= 0)
		json_seconds(json, "tree_system_seconds", usage->system_us);
	put_known(json, "tree_read_bytes", usage->read_bytes);
	put_known(json, "tree_written_bytes", usage->written_bytes);
	put_known(json, "tree_tasks_peak", usage->tasks_peak);
	put_known(json, "tree_tasks_refused", usage->tasks_refused);
	if (usage->cpu_time_is_up)
		json_bool(json, "cpu_time_reached", true);
	if (usage->oom_kills > 0) {
		json_open(json, "oom", '{');
		json_number(json, "killed", usage->oom_kills);
		json_close(json, '}');
	}
	put_known(json, "descendants_signalled", usage->signalled);
	put_known(json, "descendants_core_dumped", usage->dumped);
}

static void put_sent(struct json *json, const struct stopping *stopping) {
	char name[SIGNAL_NAME_SIZE];

	json_open(json, "signals_sent", '[');
	for (size_t i = 0; i < stopping->sent_count; i++) {
		json_open(json, NULL, '{');
		json_string(json, "signal", signal_name(stopping->sent[i].signal, name));
		json_seconds(json, "at_seconds", stopping->sent[i].at_us);
		json_string(json, "why", stopping->sent[i].why);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_members(struct json *json, const char *key, const struct members *members) {
	json_open(json, key, '[');
	for (size_t i = 0; i < members->count; i++) {
		const struct hold_member *member = &members->list[i];

		json_open(json, NULL, '{');
		if (member->reference[0])
			json_string(json, "reference", member->reference);
		json_number(json, "pid", member->pid);
		if (member->user != HOLD_NO_USER)
			json_number(json, "user", member->user);
		if (member->state != '?') {
			json_string(json, "state", (const char[]){ member->state, 0 });
			json_string(json, "command", member->command);
		}
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_descendants(struct json *json, const struct descendants *all) {
	if (descendants_have_keeper(all))
		put_members(json, "orphans", &all->left);
	if (descendants_have_keeper(all) || all->survivors.count)
		put_members(json, "survivors", &all->survivors);
	if (all->unnamed)
		json_number(json, "survivors_unnamed", (int64_t)all->unnamed);
	if (all->is_uncounted)
		json_bool(json, "survivors_uncounted", true);
	if (all->stopped) {
		const size_t survivors = all->survivors.count + all->unnamed;
		const size_t left = survivors < all->killed ? survivors : all->killed;

		json_open(json, "stop", '{');
		json_number(json, "seen", (int64_t)all->stopped);
		json_number(json, "terminated", (int64_t)(all->stopped - all->killed));
		json_number(json, "killed", (int64_t)(all->killed - left));
		json_close(json, '}');
	}
	if (!all->report.size)
		return;
	json_open(json, "orphans_end", '{');
	json_number(json, "ended", all->report.ended);
	json_number(json, "terminated", all->report.terminated);
	json_number(json, "killed", all->report.killed);
	json_close(json, '}');
}

static void put_answers(struct json *json, const struct report *report) {
	if (!report->answer_count)
		return;
	json_open(json, "answers", '[');
	for (size_t i = 0; i < report->answer_count; i++) {
		json_open(json, NULL, '{');
		json_string(json, "question", report->answers[i].question);
		json_number(json, "given", report->answers[i].given);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_output(struct json *json, const struct output_state *output) {
	json_open(json, NULL, '{');
	json_string(json, "stream", output->stream);
	json_number(json, "bytes", (int64_t)output->bytes);
	json_number(json, "kept", (int64_t)output_kept(output));
	json_number(json, "left_out", (int64_t)output->left_out);
	json_number(json, "lost", (int64_t)output->lost);
	if (output->lost)
		json_string(json, "message", open_file_reason(output->error));
	json_close(json, '}');
}

static void put_spilled(struct json *json, const struct spilled *spilled) {
	json_open(json, "spill", '{');
	json_string(json, "file", spilled->file);
	json_number(json, "bytes", (int64_t)spilled->bytes);
	if (spilled->error) {
		json_number(json, "errno", spilled->error);
		json_string(json, "message", open_file_reason(spilled->error));
	}
	json_close(json, '}');
}

/* Only what has passed through hold is counted. */
static void put_outputs(struct json *json, const struct report *report) {
	bool is_truncated = false;

	for (size_t i = 0; i < report->output_count; i++)
		is_truncated |= report->outputs[i].left_out || report->outputs[i].lost;
	if (report->output_count) {
		json_bool(json, "truncated", is_truncated);
		json_open(json, "output", '[');
		for (size_t i = 0; i < report->output_count; i++)
			put_output(json, &report->outputs[i]);
		json_close(json, ']');
	}
	if (report->spilled->file)
		put_spilled(json, report->spilled);
}

static void put_failure(struct json *json, int failure) {
	json_open(json, "error", '{');
	json_string(json, "step", "wait");
	json_number(json, "errno", -failure);
	json_string(json, "message", strerror(-failure));
	json_close(json, '}');
}

static void put_outcome(struct json *json, const struct report *report) {
	if (report->error)
		json_string(json, "outcome", "not_started");
	else if (report->lives || report->is_running)
		json_string(json, "outcome", "runs");
	else
		status_json(json, &report->status);
}

static void put_error(struct json *json, const struct hold_error *error) {
	json_open(json, "error", '{');
	json_string(json, "step", hold_step_name(error->step));
	if (error->object[0])
		json_string(json, "object", error->object);
	json_number(json, "errno", -error->code);
	json_string(json, "message", strerror(-error->code));
	if (error->need)
		json_string(json, "need", error->need);
	json_close(json, '}');
}

bool report_write_json(const struct report *report, int fd, int64_t deadline) {
	struct json json = { 0 };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_open(&json, "command", '[');
	for (char **word = report->command; *word; word++)
		json_string(&json, NULL, *word);
	json_close(&json, ']');
	put_origin(&json, report);
	if (report->pid)
		json_number(&json, "pid", report->pid);
	if (report->reference[0])
		json_string(&json, "reference", report->reference);
	if (report->is_running)
		json_string(&json, "state", "running");
	put_outcome(&json, report);
	if (!report->error) {
		json_bool(&json, "timed_out", report->timed_out);
		if (report->reason)
			json_string(&json, "reason", report->reason);
		if (report->awaited)
			json_string(&json, "waits_for_input", report->awaited);
		if (report->status.how)
			put_usage(&json, &report->status);
		if (report->usage)
			put_tree_usage(&json, report->usage);
		put_sent(&json, report->stopping);
		json_string(&json, "containment", report->containment);
		if (!report->is_running)
			put_descendants(&json, report->descendants);
		put_outputs(&json, report);
		put_answers(&json, report);
	}
	if (report->has_niceness)
		json_number(&json, "niceness", report->niceness);
	if (report->has_niceness && report->autogroup != HOLD_NO_AUTOGROUP)
		json_number(&json, "autogroup_niceness", report->autogroup);
	if (report->error)
		put_error(&json, report->error);
	else if (report->failure)
		put_failure(&json, report->failure);
	json_close(&json, '}');
	written = json_write_until(&json, fd, deadline);
	json_free(&json);
	return written;
}
