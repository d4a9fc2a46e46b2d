/* SPDX-License-Identifier: ISC */
#include "contradiction.h"
#include "../common/message.h"
#include "../store/name.h"
#include "events.h"
#include "passed-fd.h"
#include "same-file.h"
#include "tree-limit.h"

#include <string.h>
#include <unistd.h>

/* Prints what is wrong and the way out, if it is so. */
static bool refuse_if(bool is_so, const char *what, const char *way_out) {
	if (!is_so)
		return false;
	say("run: %s", what);
	hint("%s", way_out);
	return true;
}

/* Whether a file that is replaced and removed is one that is written, too. */
static bool is_written_twice(const struct run_command_line *line, const char *file) {
	const char *const events = line->events && events_fd_of(line->events) < 0 ? line->events : NULL;
	const char *const written[] = { line->report, line->audit, line->out,   line->err,
					line->record, line->log,   line->spill, events };

	for (size_t i = 0; file && i < sizeof written / sizeof *written; i++) {
		if (written[i] && same_file(file, written[i][0] == '+' ? written[i] + 1 : written[i]))
			return true;
	}
	return false;
}

static bool any_contradict(const struct run_command_line *line) {
	const bool has_containment = line->contain != HOLD_CONTAIN_NONE && line->contain != HOLD_CONTAIN_GROUP;

	return refuse_if(line->winsize.rows && !line->tty, "--size is that of a terminal of the command's own",
			 "hold run --tty --size ...") ||
	       refuse_if(line->no_input && !line->tty, "--no-input is about a terminal of the command's own",
			 "hold run --tty --no-input ...") ||
	       refuse_if(line->strips_returns && !line->tty, "--strip-cr is about a terminal of the command's own",
			 "hold run --tty --strip-cr ...") ||
	       refuse_if((line->answer_count || line->answers_queries) && !line->tty,
			 "--answer and --answer-queries are about a terminal of the command's own",
			 "hold run --tty --answer ...") ||
	       refuse_if(line->at_end != AT_END_EOF && !line->tty, "--at-end is about a terminal of the command's own",
			 "hold run --tty --at-end ...") ||
	       refuse_if(line->progress && line->tty, "--progress and --tty: the command's terminal is drawn there",
			 "one of the two") ||
	       refuse_if(line->counts_suspend && !line->time_limit_ns,
			 "--count-suspend is about a time limit, and there is none",
			 "hold run --timeout DURATION --count-suspend ...") ||
	       refuse_if(line->report_format != REPORT_BY_FILE && !line->report,
			 "--report-format is that of a report, and none is asked for",
			 "hold run --report FILE --report-format ...") ||
	       refuse_if(passed_fd_has(line->passes, line->pass_count, line->lifeline),
			 "--lifeline and --fd name the same descriptor",
			 "the command must not have the lifeline: another --fd") ||
	       refuse_if(line->ready_fd && passed_fd_has(line->passes, line->pass_count, line->ready_fd),
			 "--ready-fd and --fd name the same descriptor", "another number for one of the two") ||
	       refuse_if(is_written_twice(line, line->pid_file) || is_written_twice(line, line->reference_file),
			 "a pid file would take the place of another file of the run, and be removed",
			 "a name of its own for each") ||
	       refuse_if(line->pid_file && line->reference_file && same_file(line->pid_file, line->reference_file),
			 "--pidfile and --reference-file name the same file",
			 "a reference has the pid in it: --reference-file") ||
	       refuse_if(line->contain == HOLD_CONTAIN_PIDNS && line->orphans == ORPHANS_KEEP,
			 "--orphans keep: what is left in a PID namespace ends with it", "--contain keeper") ||
	       refuse_if(tree_limits_are_given(&line->tree_limits) && line->contain != HOLD_CONTAIN_AUTO &&
				 line->contain != HOLD_CONTAIN_CGROUP,
			 "a limit of the whole tree is that of a control group", "--contain cgroup") ||
	       refuse_if(line->strict && !has_containment,
			 "--strict: without containment it is not known what the command leaves", "--contain keeper") ||
	       refuse_if(!line->command[0], "no command",
			 "hold run [OPTION...] [--] COMMAND [ARGUMENT...]; 'hold run -h' lists the options");
}

static bool is_standard_output(const char *file) {
	return file && strcmp(file, "-") == 0;
}

/* Those of a recording. Two that write one file would write over each other. */
static bool contradict_recording(const struct run_command_line *line, const struct run_pending *pending) {
	const char *log = line->log && line->log[0] == '+' ? line->log + 1 : line->log;
	struct run_command_line others = *line;

	others.record = others.log = NULL;
	return refuse_if((line->record || line->log) && !line->tty,
			 "--record and --log are about a terminal of the command's own",
			 "hold run --tty --record ...") ||
	       refuse_if(is_standard_output(line->record) || is_standard_output(line->log),
			 "--record and --log: standard output has what the terminal shows", "a file of its own") ||
	       refuse_if((line->record_input || pending->has_record_format) && !line->record,
			 "--record-input and --record-format are about a recording, and none is asked for",
			 "hold run --tty --record FILE ...") ||
	       refuse_if((line->record && log && same_file(line->record, log)) ||
				 is_written_twice(&others, line->record) || is_written_twice(&others, log),
			 "--record or --log names another file of the run", "a name of its own for each");
}

/* Those of a bounded output. Without a terminal the pipes end with hold. */
static bool contradict_bound(const struct run_command_line *line) {
	const char *spill = line->spill && line->spill[0] == '+' ? line->spill + 1 : line->spill;
	struct run_command_line others = *line;

	others.spill = NULL;
	return refuse_if(line->spill && !line->bounds_output,
			 "--spill keeps what --max-output leaves out, and nothing is left out",
			 "hold run --max-output SIZE --spill FILE ...") ||
	       refuse_if(is_standard_output(line->spill), "--spill: standard output has what is kept",
			 "a file of its own") ||
	       refuse_if(is_written_twice(&others, spill), "--spill names another file of the run",
			 "a name of its own for each") ||
	       refuse_if(line->bounds_output && !line->tty && line->out && line->err,
			 "--max-output: --stdout and --stderr take all of the output to files",
			 "one of them at most") ||
	       refuse_if(line->bounds_output && !line->tty && line->orphans == ORPHANS_KEEP,
			 "--orphans keep and --max-output: nothing would read what they write",
			 "--orphans wait: hold waits until the last of them has ended");
}

/* Those of events. */
static bool contradict_events(const struct run_command_line *line) {
	const int fd = line->events ? events_fd_of(line->events) : -1;
	struct run_command_line others = *line;

	others.events = NULL;
	if (!line->events)
		return false;
	return !events_check(line->events) ||
	       refuse_if(fd >= 0 && passed_fd_has(line->passes, line->pass_count, fd),
			 "--events and --fd name the same descriptor",
			 "the command must not write there: another --fd") ||
	       refuse_if(line->detach && fd >= 0 && fd <= STDERR_FILENO,
			 "--events and --detach: standard output and standard error stay behind", "--events FILE") ||
	       refuse_if(fd < 0 && is_written_twice(&others, line->events + (line->events[0] == '+')),
			 "--events names another file of the run", "a name of its own for each");
}

/* Those of a detached run. */
static bool contradict_detached(const struct run_command_line *line, const struct run_pending *pending) {
	const bool has_way = line->keep_ns >= 0 || pending->has_if_running;

	return refuse_if(has_way && !line->detach, "--if-running and --keep are about a detached run",
			 "hold run --detach ...") ||
	       refuse_if(pending->has_if_running && !line->name, "--if-running is about the run of a name",
			 "hold run --detach --name NAME --if-running ...") ||
	       refuse_if(line->detach && line->name && !run_name_is_valid(line->name),
			 "--name of a detached run: a letter, then letters, digits and ._-, 64 in all at most",
			 "hold run --detach --name build ...") ||
	       refuse_if(line->detach && line->progress, "--progress and --detach: there is no terminal to draw on",
			 "'hold list' shows how long it has run") ||
	       refuse_if(line->detach && line->orphans == ORPHANS_KEEP,
			 "--orphans keep and --detach: nothing would read what they write",
			 "--orphans wait: the run goes on until the last of them has ended") ||
	       refuse_if(line->detach && line->in && strcmp(line->in, "-") == 0 && isatty(STDIN_FILENO),
			 "--stdin - and --detach: the terminal stays behind", "--stdin FILE");
}

/* Those of one that stays in front for a while. */
static bool contradict_front(const struct run_command_line *line, const struct run_pending *pending) {
	const bool has_front = line->detach_after_ns > 0;

	return refuse_if(has_front && pending->has_detach, "--detach is --detach-after without the time in front",
			 "one of the two") ||
	       refuse_if(line->no_time_limit && !has_front, "--no-timeout is about --detach-after",
			 "without a limit: leave --timeout out") ||
	       refuse_if(line->no_time_limit && line->time_limit_ns, "--no-timeout and --timeout", "one of the two") ||
	       refuse_if(has_front && !line->time_limit_ns && !line->no_time_limit,
			 "--detach-after without a time limit: a run that nobody waits for might go on for ever",
			 "hold run --detach-after ... --timeout 1h ..., or --no-timeout") ||
	       refuse_if(has_front && line->report && strcmp(line->report, "-") == 0,
			 "--report - and --detach-after: the end of the run may be later than that of hold",
			 "--report FILE");
}

bool options_contradict(const struct run_command_line *line, const struct run_pending *pending) {
	return any_contradict(line) || contradict_recording(line, pending) || contradict_bound(line) ||
	       contradict_events(line) || contradict_detached(line, pending) || contradict_front(line, pending);
}
