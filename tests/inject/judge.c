/* SPDX-License-Identifier: ISC */
/*
 * The truth: what hold may answer after something went wrong. What really happened is known from the side file that
 * the command writes, from the tracer, and from the kernel; hold's own word is only compared with it.
 */
#include "facts.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

const char *const verdict_names[VERDICTS] = {
	"right",
	"told",
	"hung",
	"ran twice",
	"ran, but not said so",
	"untrue status",
	"no cause told",
	"left in silence",
	"group left",
	"output lost",
	"modes differ",
	"EBADF or ECHILD",
};

/* ---- when a status is true ---- */

static bool did_not_run(const struct facts *facts) {
	return !facts->began && facts->has_cause;
}

static bool was_told(const struct facts *facts) {
	return facts->has_cause && (!facts->began || !facts->says_not_started);
}

static bool ended_so(const struct facts *facts) {
	return facts->ended == facts->status;
}

/* Told to end, hold ends all: then nobody was left by the command. */
static bool left_nobody(const struct facts *facts) {
	const bool is_told = facts->fault->action == TERM_FRONT;

	return facts->ended == 0 && (is_told || !(facts->scenario->is_strict && facts->members));
}

static bool limit_struck(const struct facts *facts) {
	return facts->scenario->has_limit && facts->outcome->elapsed_ms >= LIMIT_MS;
}

static bool is_strict(const struct facts *facts) {
	return facts->scenario->is_strict && facts->ended == 0 && facts->members;
}

static bool was_killed(const struct facts *facts) {
	const struct fault *fault = facts->fault;

	if (facts->ended >= 0)
		return false;
	return (fault->action == KILL_ROLE && fault->role != FRONT) || (fault->action == STOP_ROLE && facts->has_cause);
}

static bool is_timeout(const struct facts *facts) {
	return strcmp(facts->scenario->name, "timeout") == 0;
}

static bool kill_was_due(const struct facts *facts) {
	return (facts->terms && facts->fault->action == TERM_FRONT) || (is_timeout(facts) && limit_struck(facts));
}

static bool got_term(const struct facts *facts) {
	return facts->fault->action == TERM_FRONT && facts->ended < 0;
}

/* Before it listens to signals, and where it does not. */
static bool died_of_term(const struct facts *facts) {
	return facts->fault->action == TERM_FRONT && (!facts->began || facts->scenario->target);
}

/* As timeout(1) does, unless the time was up. */
static bool died_as_the_command(const struct facts *facts) {
	return is_timeout(facts) &&
	       (facts->status == -SIGKILL ? kill_was_due(facts) || was_killed(facts) : got_term(facts));
}

static bool front_was_killed(const struct facts *facts) {
	return facts->fault->action == KILL_ROLE && facts->fault->role == FRONT;
}

static bool lost_its_output(const struct facts *facts) {
	return facts->scenario->on_terminal && facts->has_cause;
}

/* Its lifeline is at its end from the beginning. */
static bool lost_its_lifeline(const struct facts *facts) {
	return facts->scenario->has_lifeline && facts->has_cause;
}

static bool target_has_ended(const struct facts *facts) {
	return !facts->outcome->target_runs;
}

static bool told_unknown(const struct facts *facts) {
	return target_has_ended(facts) && strstr(facts->out, "unknown");
}

static bool named(const struct facts *facts) {
	return facts->says_left;
}

/* An error, but not halfway: those who had a signal are ended. */
static bool refused(const struct facts *facts) {
	return facts->has_cause && (!facts->terms || target_has_ended(facts));
}

/* Nothing can be seen for good: what was seen is ended, and the rest is an error that is told. */
static bool looked_in_vain(const struct facts *facts) {
	return facts->has_cause && facts->fault->action == FAIL_ON;
}

struct truth {
	int status;
	bool (*holds)(const struct facts *facts);
};

/* Of run and timeout. A status is true if a line that has it holds. */
static const struct truth run_truths[] = {
	{ 0, left_nobody },
	{ 7, ended_so },
	{ 123, is_strict },
	{ 123, was_told },
	{ 124, limit_struck },
	{ 125, was_told },
	{ 126, did_not_run },
	{ 127, did_not_run },
	{ 129, lost_its_output },
	{ 129, lost_its_lifeline },
	{ 128 + SIGKILL, kill_was_due },
	{ 128 + SIGKILL, was_killed },
	{ 128 + SIGTERM, got_term },
	{ -SIGKILL, front_was_killed },
	{ -SIGTERM, died_of_term },
	{ -SIGKILL, died_as_the_command },
	{ -SIGTERM, died_as_the_command },
};

/* Of stop and wait. */
static const struct truth target_truths[] = {
	{ 0, target_has_ended }, { 1, refused },   { 1, looked_in_vain },          { 2, told_unknown },
	{ 123, named },          { 125, refused }, { -SIGKILL, front_was_killed }, { -SIGTERM, died_of_term },
};

static bool status_is_true(const struct facts *facts) {
	const bool has_target = facts->scenario->target;
	const struct truth *truths = has_target ? target_truths : run_truths;
	const size_t count = has_target ? sizeof target_truths / sizeof *truths : sizeof run_truths / sizeof *truths;

	for (size_t i = 0; i < count; i++) {
		if (truths[i].status == facts->status && truths[i].holds(facts))
			return true;
	}
	return false;
}

/* ---- what else must hold ---- */

static bool output_is_whole(const struct facts *facts) {
	const char *text = facts->out;
	char line[64];

	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof line, "line %d of what it has to say\r\n", i);
		if (strncmp(text, line, strlen(line)) != 0)
			return false;
		text += strlen(line);
	}
	return !*text;
}

/* What is said as the command's own status stands for all the rest as well. */
static const char *lost_output(const struct facts *facts) {
	const struct scenario *scenario = facts->scenario;
	const size_t length = strlen(facts->report);
	static char status[40];

	if (scenario->has_report && facts->began && !strstr(facts->audit, "pidhold.spawn"))
		return "it ran without an audit line";
	if (facts->status != scenario->status || (facts->has_cause && !scenario->has_limit))
		return NULL;
	if (scenario->talks && !output_is_whole(facts))
		return "the output is not whole";
	snprintf(status, sizeof status, "\"exit_status\":%d", facts->status);
	if (scenario->has_report &&
	    (length < 2 || strcmp(facts->report + length - 2, "}\n") != 0 || !strstr(facts->report, status)))
		return "the report is not whole, or says something else";
	if (strncmp(scenario->name, "wait", 4) == 0 && !strstr(facts->out, "exited 7"))
		return "it does not say how the process ended";
	return NULL;
}

/*
 * Nobody is there to end them: hold was killed, without a keeper; or it was to end what it had not started. In a mere
 * process group lives on what the command leaves, and that is what TERM did not end although it ended the command.
 */
static bool may_leave(const struct pair *pair, const struct facts *facts) {
	const bool has_keeper = strcmp(pair->contain, "group") != 0 && strcmp(pair->contain, "none") != 0;

	if (pair->scenario->target)
		return facts->status != 0;
	if (facts->says_left || facts->status == 123)
		return true;
	return !has_keeper && (facts->status == -SIGKILL || !facts->command_had_term);
}

/* A keeper puts them back after a KILL. */
static bool may_change_modes(const struct pair *pair, const struct facts *facts) {
	const bool has_keeper = strcmp(pair->contain, "group") != 0 && strcmp(pair->contain, "none") != 0;

	return !pair->scenario->on_terminal || (!has_keeper && facts->status == -SIGKILL) ||
	       (facts->fault->action == FAIL_ON && facts->fault->call == SYS_ioctl);
}

/* Where hold was killed before there was a keeper, the next hold sweeps it. */
static bool group_is_lost(const struct stage *stage, const struct facts *facts, char *name, size_t size) {
	const struct fault *fault = facts->fault;

	if (!stage_group_is_left(stage, name, size))
		return false;
	if (fault->action == FAIL_ON && (fault->call == SYS_unlinkat || fault->call == SYS_openat))
		return false;
	if (facts->status == -SIGKILL || facts->status == -SIGTERM)
		stage_sweep(stage);
	return stage_group_is_left(stage, name, size);
}

/* On a slow machine the limit may strike before the command listens to TERM, and then TERM ends it. */
static bool is_expected(const struct facts *facts) {
	return facts->status == facts->scenario->status || (facts->status == 124 && limit_struck(facts));
}

/* Then hold does as if nothing had been done. */
static bool is_no_failure(const struct facts *facts) {
	const enum action action = facts->fault->action;

	return action == DELAY_BEFORE || action == DELAY_AFTER || action == PARTIAL;
}

__attribute__((format(printf, 3, 4))) static enum verdict find(enum verdict verdict, char *detail, const char *format,
							       ...) {
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, TEXT_SIZE, format, arguments);
	va_end(arguments);
	return verdict;
}

static enum verdict find_verdict(const struct stage *stage, const struct pair *pair, const struct facts *facts,
				 char *detail) {
	const struct outcome *outcome = facts->outcome;
	char group[TEXT_SIZE - 40];
	const char *lost;

	if (outcome->is_hung)
		return find(HUNG, detail, "alive: %.180s", outcome->where);
	if (facts->began > 1)
		return find(RAN_TWICE, detail, "%d times, exit status %d", facts->began, facts->status);
	if (facts->began && facts->says_not_started)
		return find(RAN_UNSAID, detail, "exit status %d", facts->status);
	if ((facts->status == 125 || (facts->status == 127 && !facts->began)) && !facts->has_cause)
		return find(SILENT, detail, "exit status %d", facts->status);
	if (!status_is_true(facts) || (is_no_failure(facts) && !is_expected(facts)))
		return find(UNTRUE, detail, "status %d; ran %d, ended with %d", facts->status, facts->began,
			    facts->ended);
	if (outcome->is_left && !may_leave(pair, facts))
		return find(LEFT, detail, "status %d; left: %.180s", facts->status, outcome->where);
	if (group_is_lost(stage, facts, group, sizeof group))
		return find(GROUP, detail, "status %d; %s", facts->status, group);
	lost = lost_output(facts);
	if (lost)
		return find(OUTPUT, detail, "status %d; %s", facts->status, lost);
	if (outcome->modes_differ && !may_change_modes(pair, facts))
		return find(MODES, detail, "status %d", facts->status);
	if (*outcome->misuse)
		return find(MISUSED, detail, "%s", outcome->misuse);
	return facts->status == pair->scenario->status ? RIGHT : TOLD;
}

/* The first line of what hold said. */
static void add_message(const struct facts *facts, char *detail) {
	const size_t length = strlen(detail);

	if (*facts->err && length + 10 < TEXT_SIZE)
		snprintf(detail + length, TEXT_SIZE - length, "; said: %.*s", (int)strcspn(facts->err, "\n"),
			 facts->err);
}

enum verdict judge(const struct stage *stage, const struct pair *pair, const struct fault *fault,
		   const struct outcome *outcome, char *ret_detail) {
	static struct facts facts;
	enum verdict verdict;

	memset(&facts, 0, sizeof facts);
	facts.scenario = pair->scenario;
	facts.fault = fault;
	facts.outcome = outcome;
	*ret_detail = 0;
	find_facts(stage, &facts);
	verdict = find_verdict(stage, pair, &facts, ret_detail);
	if (verdict == TOLD)
		snprintf(ret_detail, TEXT_SIZE, "status %d", facts.status);
	add_message(&facts, ret_detail);
	return verdict;
}
