/* SPDX-License-Identifier: ISC */
#include "report-dir.h"
#include "../common/open-file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { PART_SIZE = 49, TRIES = 100 };

struct batch_task batch_task_find(void) {
	static const char *const variables[][2] = {
		{ "SLURM_JOB_ID", "SLURM_PROCID" }, { "PBS_JOBID", "PBS_ARRAY_INDEX" }, { "LSB_JOBID", "LSB_JOBINDEX" },
		{ "JOB_ID", "SGE_TASK_ID" },        { "PARALLEL_PID", "PARALLEL_SEQ" },
	};

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *job = getenv(variables[i][0]);

		if (job && *job)
			return (struct batch_task){ job, getenv(variables[i][1]) };
	}
	return (struct batch_task){ NULL, NULL };
}

/* A part of the file's name: letters, digits, points, underscores, and a hyphen in front. "": there is no such part. */
static const char *part(const char *text, char to[PART_SIZE]) {
	size_t length = 0;

	if (text && *text)
		to[length++] = '-';
	for (; text && *text && length < PART_SIZE - 1; text++)
		to[length++] =
			*text == '.' || (isascii((unsigned char)*text) && isalnum((unsigned char)*text)) ? *text : '_';
	to[length] = 0;
	return to;
}

/* On one machine no two have the same time and number; the host, and the file system itself, tell machines apart. */
static bool name_files(struct report_dir *dir, const char *directory, const char *name, struct batch_task task) {
	char parts[4][PART_SIZE];
	struct utsname system = { .nodename = "" };
	struct timespec now;
	char *base;

	clock_gettime(CLOCK_REALTIME, &now);
	uname(&system);
	if (asprintf(&base, "%s%s%s%s-%" PRId64 ".%06ld-%ld.json", part(system.nodename, parts[0]),
		     part(name, parts[1]), part(task.job, parts[2]), part(task.task, parts[3]), (int64_t)now.tv_sec,
		     now.tv_nsec / 1000, (long)getpid()) < 0)
		return false;
	if (asprintf(&dir->path, "%s/%s", directory, base + 1) < 0)
		dir->path = NULL;
	if (asprintf(&dir->temporary, "%s/.%s.new", directory, base + 1) < 0)
		dir->temporary = NULL;
	free(base);
	errno = ENOMEM;
	return dir->path && dir->temporary;
}

static void free_names(struct report_dir *dir) {
	free(dir->path);
	free(dir->temporary);
	dir->path = dir->temporary = NULL;
}

bool report_dir_begin(struct report_dir *dir, const char *directory, const char *name, struct batch_task task) {
	int error, tries = 0;

	do {
		dir->fd = -1;
		if (name_files(dir, directory, name, task))
			dir->fd = open_file(dir->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
		if (dir->fd >= 0)
			return true;
		error = errno;
		free_names(dir);
	} while (error == EEXIST && ++tries < TRIES);
	errno = error;
	return false;
}

/* A file system of a network tells by close that it has no room. */
bool report_dir_publish(struct report_dir *dir) {
	const int fd = dir->fd;

	dir->fd = -1;
	if (close(fd) < 0 || rename(dir->temporary, dir->path) < 0)
		return false;
	free_names(dir);
	return true;
}

void report_dir_end(struct report_dir *dir) {
	if (!dir->path)
		return;
	unlink(dir->temporary);
	if (dir->fd >= 0)
		close(dir->fd);
	free_names(dir);
}
