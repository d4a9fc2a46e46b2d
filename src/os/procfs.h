/* SPDX-License-Identifier: ISC */
/* Reading /proc, for the files beside this one. Results as os.h has them. */
#ifndef OS_PROCFS_H
#define OS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROCFS_PATH = 64 };

/*
 * A /proc of another PID namespace, as `unshare --pid` without --mount-proc leaves it, shows other processes under the
 * same numbers. It is treated as if there were no /proc.
 */

/* -ENOSYS: there is no /proc of our PID namespace. /proc/self is still this process, but numbers in it are wrong. */
int procfs_check(void);

/* Reads a small file, cut at size - 1, with a final NUL. Returns its length. */
long procfs_read(const char *path, char *text, size_t size);

/* Gets a line without its newline. A result other than 0 ends the reading. */
typedef int procfs_line_visitor(void *context, char *line);

/* Reads a file of any length; a line is cut at 4,095 bytes. Returns 0, the visitor's result, or an error. */
int procfs_each_line(const char *path, procfs_line_visitor *visit, void *context);

/* "/proc/", directory (with a final slash, or ""), number, name (with a slash before it, or ""). */
void procfs_path(char path[PROCFS_PATH], const char *directory, long number, const char *name);

/* /proc/PID and name, as procfs_read. -ESRCH: no such process, or no /proc of ours. */
long procfs_read_of(int pid, const char *name, char *text, size_t size);

/*
 * By the number of links of /proc/PID/task, which is cheaper than to list it. false: it has several, or that is not
 * known. The caller has checked /proc.
 */
bool procfs_has_one_thread(int pid);

/* Gets the number of a thread. A negative result ends the listing. */
typedef int procfs_thread_visitor(void *context, int thread);

/* As /proc/PID/task lists them. 0, the visitor's result, or an error: -ENOENT no such process, or no /proc of ours. */
int procfs_each_thread(int pid, procfs_thread_visitor *visit, void *context);

struct procfs_stat {
	char state;
	int parent, group, session, niceness, threads;
	bool has_executed;   /* a program since it was forked */
	bool has_memory;     /* a kernel thread and a zombie have none */
	uint64_t start_time; /* ticks after boot */
};

/* /proc/PID/stat. -ESRCH: no such process. */
int procfs_stat(int pid, struct procfs_stat *ret);

#endif
