/* SPDX-License-Identifier: ISC */
/*
 * What is written down of a detached run. As text: a line "pidhold-run 1", a line KEY VALUE for each thing that is
 * known, with %XX for bytes that are no printable ASCII, and a line "end", so that a text that was cut is known for it.
 * Lines with unknown keys are for later versions, and skipped.
 */
#ifndef CLI_STORE_RECORD_H
#define CLI_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_phase { RUN_STARTING = 1, RUN_RUNNING, RUN_ENDED };

/* Texts are owned by the record. NULL, 0: not known, or not so. */
struct record {
	char *name;
	char *runner;    /* the reference of the process of hold that holds the command */
	char *reference; /* of the command */
	char *boot;      /* the boot id: references are of this boot */
	char *directory; /* the working directory of hold run */
	char *log_error; /* why bytes of the log were lost */
	char *socket;    /* for those who attach: a path, or a name in the run's directory */
	char **command;  /* ends with NULL */
	int64_t phase;
	int64_t started_us, ended_us; /* since 1970 */
	int64_t ready_us;             /* when the command said that it was ready */
	int64_t keep_s;               /* how long the record is kept after the end */
	int64_t stop_ms;              /* how long a stop may take */
	int64_t pid, on_terminal;
	int64_t how, code, core_dumped; /* as those of struct hold_status; how 0: not known */
	int64_t timed_out;
	int64_t status; /* hold's exit status */
	int64_t orphans, survivors;
	int64_t log_bytes, log_lost; /* of the output: all, and those that could not be written */
	int64_t log_left_out;        /* those that the log has no more */
};

/* Appends to the command. false: no memory. */
bool record_add_word(struct record *record, const char *word);

/* Replaces a text of the record. false: no memory. */
bool record_set(char **place, const char *text);

/* The record as text, to be freed. NULL: no memory. */
char *record_encode(const struct record *record, size_t *ret_size);

/* false: errno is EINVAL, not a whole record; EPROTO, one of another version; ENOMEM. It is to be freed in any case. */
bool record_decode(struct record *ret, const char *text, size_t size);

void record_free(struct record *record);

#endif
