/* SPDX-License-Identifier: ISC */
#include "outcome.h"
#include "awaited.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_MS = 5000 }; /* for a reader to make room for the report */

/* Without a keeper hold itself may be the subreaper that loses no descendant. */
static const char *containment(const struct run *run) {
	const int way = run->hold ? hold_containment(run->hold) : HOLD_CONTAIN_NONE;

	return way == HOLD_CONTAIN_NONE && run->descendants.self ? "subreaper" : hold_containment_name(way);
}

/* In a directory it is always for a program. */
static bool write_into_directory(const struct report *report, struct run *run) {
	if (!run->report_dir.path)
		return true;
	if (report_write_json(report, run->report_dir.fd, hold_after_ms(REPORT_MS)) &&
	    report_dir_publish(&run->report_dir))
		return true;
	say("report directory '%s': %s", run->line->report_dir, open_file_reason(errno));
	return false;
}

/* On a terminal there is somebody who reads it; everything else is taken for a program. */
static bool write_report(const struct report *report, enum report_format format, int fd) {
	if (format == REPORT_BY_FILE)
		format = isatty(fd) ? REPORT_TEXT : REPORT_JSON;
	return (format == REPORT_TEXT ? report_write_text : report_write_json)(report, fd, hold_after_ms(REPORT_MS));
}

static struct report make_report(struct run *run) {
	struct report report = {
		.command = run->line->command,
		.name = run->line->name,
		.started_at = run->started_at,
		.pid = run->hold ? hold_pid(run->hold) : 0,
		.reference = run->reference,
		.timed_out = run->timed_out,
		.reason = run->stopping.under_way ? run->stopping.why : NULL,
		.awaited = awaited_word(run),
		.lives = run->has_given_up && run->status.how == 0,
		.status = run->status,
		.error = run->hold ? NULL : &run->error,
		.failure = run->failure,
		.usage = run->has_usage ? &run->usage : NULL,
		.stopping = &run->stopping,
		.containment = containment(run),
		.descendants = &run->descendants,
		.answers = run->line->answers,
		.answer_count = run->line->answer_count,
		.outputs = run->outputs,
		.output_count = run->output_count,
		.spilled = &run->spilled,
	};
	struct hold_start_info info = { .size = sizeof info };

	report.has_niceness = run->hold && hold_start_info(run->hold, &info) == 0;
	report.niceness = info.niceness;
	report.autogroup = info.autogroup;
	return report;
}

/* Of a file that is appended to, or of a pipe, the reader gets both. */
static void remove_running(const struct run *run) {
	if (run->has_reported_running && run->line->report[0] != '+' && ftruncate(run->report_fd, 0) == 0)
		lseek(run->report_fd, 0, SEEK_SET);
}

bool run_report(struct run *run) {
	struct report report;

	if (run->report_fd < 0 && !run->report_dir.path)
		return true;
	report = make_report(run);
	remove_running(run);
	if (run->report_fd < 0 || write_report(&report, run->line->report_format, run->report_fd))
		return write_into_directory(&report, run);
	say("report '%s': %s", run->line->report, open_file_reason(errno));
	write_into_directory(&report, run);
	return false;
}

int run_report_running(struct run *run) {
	struct report report;

	if (run->report_fd < 0)
		return 0;
	report = make_report(run);
	report.is_running = true;
	report.status = (struct hold_status){ .size = sizeof report.status };
	run->has_reported_running = true;
	return write_report(&report, run->line->report_format, run->report_fd) ? 0 : errno ? errno : EIO;
}

/* Whether the command has succeeded, as --ok-status has it. */
static bool is_ok(const struct run *run) {
	const int code = hold_status_code(&run->status);

	return code == 0 || (code > 0 && run->line->ok_statuses.is_ok[code]);
}

/* The command's own status. It is never 0 unless the command is known to have succeeded. */
static int status_of_command(const struct run *run) {
	const struct hold_status *status = &run->status;

	switch (status->how) {
	case HOLD_HOW_EXITED:
	case HOLD_HOW_SIGNALLED:
		return is_ok(run) ? 0 : hold_status_code(status);
	case HOLD_HOW_UNKNOWN:
		say("'%s' has ended, and this system tells nobody how", run->line->command[0]);
		return STATUS_FAILED;
	default: /* it lives on, and was named */
		return STATUS_FAILED;
	}
}

/* Also where descendants could not be seen. */
static bool may_have_left(const struct descendants *all) {
	return all->left.count || all->left_is_unknown || all->has_lost_keeper || !descendants_have_keeper(all);
}

/* Descendants whose own parents reaped them are not known; of a group the kernel counts those that it killed itself. */
static bool have_died(const struct run *run) {
	return run->has_usage && (run->usage.signalled > 0 || run->usage.oom_kills > 0);
}

int run_status(const struct run *run) {
	const struct hold_status *status = &run->status;
	/* If KILL was needed, timeout(1) returns that in place of the time-out. */
	const bool was_forced = run->line->as_timeout && status->how == HOLD_HOW_SIGNALLED && status->code == SIGKILL;
	const bool has_succeeded = is_ok(run);

	if (run->failure)
		return STATUS_FAILED;
	if (descendants_have_survived(&run->descendants) && !run->line->as_timeout)
		return STATUS_LEFT;
	if (run->lifeline_is_lost && !run->timed_out && !run->line->preserve_status)
		return STATUS_HUNG_UP;
	if ((run->timed_out || run->was_idle || run->usage.cpu_time_is_up) && !run->line->preserve_status &&
	    !was_forced)
		return STATUS_LIMIT;
	if (run->reader_has_gone && status->how == HOLD_HOW_SIGNALLED && !run->line->preserve_status)
		return 128 + SIGPIPE; /* as the shell has it of a command that writes to the pipe itself */
	/* which is not the command's fault */
	if ((run->output_is_cut || run->recording_is_cut || run->events_are_cut) && has_succeeded)
		return STATUS_FAILED;
	if (run->line->strict && has_succeeded && (may_have_left(&run->descendants) || have_died(run)))
		return STATUS_LEFT;
	return status_of_command(run);
}

bool run_is_to_die_alike(const struct run *run, int status) {
	if (run->status.how != HOLD_HOW_SIGNALLED || status != 128 + run->status.code)
		return false;
	return run->line->as_timeout ? !run->timed_out : run->status.code == SIGINT;
}
