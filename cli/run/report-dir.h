/* SPDX-License-Identifier: ISC */
/*
 * --report-dir: a directory into which many runs, also of many machines, write a report each. Its name says of which
 * run it is. It appears as a whole, at the end of the run.
 */
#ifndef CLI_RUN_REPORT_DIR_H
#define CLI_RUN_REPORT_DIR_H

#include <stdbool.h>

/* The job and the task of a batch system, from its variables in the environment; NULL: none. */
struct batch_task {
	const char *job, *task;
};

struct batch_task batch_task_find(void);

struct report_dir {
	char *path;      /* of the report; NULL: no report is to be written */
	char *temporary; /* what it is called until it is whole */
	int fd;
};

/* Makes the file under its temporary name. `name` is that of the run, or NULL. false: errno says why. */
bool report_dir_begin(struct report_dir *dir, const char *directory, const char *name, struct batch_task task);

/* The report is written: gives the file its name. false: errno says why. */
bool report_dir_publish(struct report_dir *dir);

/* Removes a file that has not got its name. */
void report_dir_end(struct report_dir *dir);

#endif
