/* SPDX-License-Identifier: ISC */
/* What the options of hold run say. */
#ifndef CLI_RUN_RUN_OPTIONS_H
#define CLI_RUN_RUN_OPTIONS_H

#include "answer.h"
#include "identity.h"
#include "ok-status.h"
#include "report-dir.h"
#include "signal-map.h"

#include <pidhold.h>

#include <stdbool.h>

/* What happens to orphans. */
enum orphans { ORPHANS_END, ORPHANS_KEEP, ORPHANS_WAIT };

/* Who gets INT, QUIT, USR1 and USR2 that hold gets. Usually the command, but keys in front of a hand-over go to all. */
enum pass_to { PASS_TO_USUAL, PASS_TO_TREE, PASS_TO_PROCESS };

/* With a terminal: what the end of hold's input does. The end of file is typed, the command is stopped, or nothing. */
enum at_end { AT_END_EOF, AT_END_HANG_UP, AT_END_NOTHING };

/* What is done if a run of the same name lives. */
enum if_running { IF_RUNNING_REFUSE, IF_RUNNING_REPLACE, IF_RUNNING_WAIT };

/* The versions of asciicast. */
enum record_format { RECORD_VERSION_2, RECORD_VERSION_3 };

/* REPORT_BY_FILE: as text on a terminal, else as JSON. */
enum report_format { REPORT_BY_FILE, REPORT_JSON, REPORT_TEXT };

struct run_command_line {
	char **command; /* ends with NULL */
	bool tty;
	struct hold_winsize winsize; /* all 0: not given */
	int64_t time_limit_ns;       /* 0: none */
	int64_t warn_after_ns;       /* 0: never */
	int64_t idle_timeout_ns;     /* 0: none */
	bool counts_suspend;         /* the limit goes on while the system is suspended */
	struct hold_rung ladder[HOLD_LADDER_MAX];
	size_t ladder_count;
	bool has_ladder; /* the user has given it, or a part of it */
	int nice;
	int oom_score_adj;
	struct hold_limit *limits;
	size_t limit_count;
	struct hold_tree_limits tree_limits;
	struct signal_map signal_map;
	struct ok_statuses ok_statuses;
	enum pass_to pass_to;
	struct identity *identity; /* NULL: the caller's */
	int ready_fd;              /* the command's number of the descriptor; 0: none */
	struct hold_pass *passes;  /* descriptors above 2 */
	size_t pass_count;
	bool closes_fds; /* the others above 2 are closed */
	uint64_t flags;  /* HOLD_NO_NEW_PRIVS, HOLD_SET_OOM_SCORE, HOLD_NEW_SESSION */
	const char *directory;
	/* NULL: as they are; "+FILE" appends, except for in; in "-": hold's own, also with tty */
	const char *in, *out, *err;
	bool no_input;       /* with tty: hold's input is not read */
	bool strips_returns; /* with tty */
	enum at_end at_end;
	struct answer *answers;
	size_t answer_count;
	bool answers_queries;
	bool bounds_output; /* so many bytes of its beginning, and of its end, are kept */
	uint64_t most_head, most_tail;
	const char *spill;        /* NULL: none; "+FILE" appends */
	const char *record, *log; /* with tty; NULL: none; "+FILE" appends to the log */
	enum record_format record_format;
	bool record_input;
	int contain; /* HOLD_CONTAIN_... */
	enum orphans orphans;
	bool strict; /* orphans are a failure */
	bool preserve_status, quiet, verbose, progress;
	bool to_command_alone;      /* gets signals that are sent to hold; the ladder's go to all */
	bool as_timeout;            /* statuses and messages are those of timeout(1) */
	int lifeline;               /* a descriptor; -1: none */
	const char *report, *audit; /* "+FILE" appends to the report, as it does for out */
	const char *events;         /* likewise; a number is that of a descriptor */
	const char *report_dir;
	struct batch_task task; /* whose report is in report_dir */
	const char *pid_file, *reference_file;
	const char *name;        /* of the run, for its report and its record; NULL: none */
	bool detach;             /* it goes on in the background, with a record and a log */
	int64_t detach_after_ns; /* so long a process stays in front, which copies the output; 0: it is not so */
	bool no_time_limit;      /* the user wants none */
	enum if_running if_running;
	int64_t keep_ns; /* how long the record is kept after the end */
	enum report_format report_format;
};

/* Options that can only be combined when all options were read. */
struct run_pending {
	bool has_whole_ladder;
	int first_signal;      /* 0: not given */
	int64_t kill_after_ns; /* negative: not given */
	const char *user, *group;
	char **unsets, **files, **sets; /* of --unset, --env-file, --env, in their order; room for all there can be */
	size_t unset_count, file_count, set_count;
	bool clear_env;
	bool has_if_running, has_detach, has_record_format;
};

#endif
