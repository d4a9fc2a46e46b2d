/* SPDX-License-Identifier: ISC */
/* The state that the parts of hold run share. */
#ifndef CLI_RUN_STATE_H
#define CLI_RUN_STATE_H

#include "descendants.h"
#include "detached.h"
#include "foreground.h"
#include "output-state.h"
#include "pid-file.h"
#include "piped.h"
#include "recording.h"
#include "relay.h"
#include "command-line.h"
#include "stopping.h"

#include <pidhold.h>

#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>

struct idle {
	uint64_t sum;    /* of the last look */
	int64_t since;   /* nothing was done since then */
	int64_t look_at; /* the next look */
	bool has_said;   /* that a process cannot be seen */
};

/* Looks whether the command waits for somebody to type, for --events. */
struct wait_looks {
	int64_t look_at;
	int64_t pause_ms; /* between two looks */
	uint64_t moved;   /* bytes that the terminal had printed and taken at the last look */
	int seen;         /* what hold_terminal_awaits returned then */
	bool is_told;     /* since then */
};

struct run {
	struct run_command_line *line;
	struct detached *detached; /* NULL: it is not */
	struct hold *hold;         /* NULL: the command was not started */
	struct hold_status status;
	struct hold_error error; /* of the start */
	struct hold_tree_usage usage;
	bool has_usage, is_split; /* hold has moved itself into a group of its own */
	bool is_init;             /* the first process of a PID namespace */
	int failure; /* the negative errno by which hold itself failed once the command ran; 0: it did not */
	char reference[96];
	int report_fd; /* -1: none is asked for */
	bool has_reported_running;
	struct report_dir report_dir;
	struct timespec started_at; /* the time of day */
	struct pid_file pid_file, reference_file;
	int user_terminal;
	struct rlimit callers_files; /* the caller's limit on descriptors, if is_raised; hold's own is its hard one */
	bool is_raised;
	struct hold_limit *limits; /* of the command */
	size_t limit_count;
	struct relay *relay; /* NULL: the command has no terminal of ours, or all of its output is delivered */
	struct piped *piped; /* the same of pipes; without both the command has our own streams */
	struct output_state outputs[OUTPUTS_MOST]; /* for the report, once all is delivered */
	size_t output_count;
	struct spilled spilled;
	bool cut_is_told[OUTPUTS_MOST]; /* that something of the output is left out */
	struct answering *answering;    /* NULL: nothing is answered */
	struct recording *recording;    /* NULL: nothing is recorded */
	bool recording_is_cut;          /* not all of it could be written */
	int ready_reader, ready_writer; /* of the pipe of --ready-fd; 0: closed */
	bool is_ready;
	struct events *events; /* NULL: none are told */
	bool events_are_cut;
	bool interrupt_was_typed;
	bool output_is_cut; /* not all output could be written */
	struct foreground foreground;
	struct stopping stopping;
	struct descendants descendants;
	int input;                /* where the relay's input comes from; negative: nowhere */
	bool keys_were_wanted;    /* the user's terminal is not left to other programs any more: see input.h */
	int64_t look_at_input;    /* when to look whether a program waits for input */
	int64_t look_at_children; /* when to reap orphans: SIGCHLD tells */
	int awaited;              /* a descriptor, readable when the command is to be looked at again; negative: none */
	int64_t time_limit;       /* a deadline */
	struct idle idle;         /* for --idle-timeout */
	bool was_idle;            /* and is stopped for that */
	struct wait_looks wait_looks;
	bool has_looked_for_wait;    /* when a limit struck */
	int awaited_input;           /* what hold_terminal_awaits returned then */
	int64_t warn_at;             /* when --warn-after is due */
	int64_t draw_at;             /* when the line of --progress is drawn; 0: not yet known */
	int64_t drawn_at;            /* when it was drawn; 0: not yet */
	int64_t drawn_cpu_us;        /* the processor time that the processes had used then */
	int64_t look_at_stop;        /* when to look whether the command is still stopped */
	struct hold_winsize size;    /* the command's terminal's, from size_back_at on: see suspend.h */
	char screen_on[SCREEN_TEXT]; /* what switches the command's screen on again, while is_away */
	size_t screen_on_length;
	bool is_away; /* the user's terminal is another program's, and the command's screen is not shown there */
	int64_t size_back_at;
	int64_t look_at_sleep; /* when to look whether the command is in uninterruptible sleep */
	int asleep_looks;      /* consecutive looks that have seen that */
	bool limit_has_passed; /* the time limit, whatever hold still did then */
	bool timed_out;        /* the limit has passed while hold waited for the command */
	bool lifeline_is_lost;
	bool reader_has_gone; /* of the output: the command is stopped for that */
	bool end_was_seen;    /* by the command's descriptor, and how it ended is not known yet */
	bool ends_orphans;    /* by the ladder */
	bool is_hurried;      /* INT asks for the last rung of that ladder */
	int failed_turns;     /* consecutive ones */
	bool is_told_to_end;  /* by a signal that was passed on without a ladder */
	bool all_are_told;    /* that signal went to the descendants too */
	bool has_given_up;    /* the time of the ladder's last rung is over, and a process lives */
};

#endif
