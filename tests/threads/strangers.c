/* SPDX-License-Identifier: ISC */
/*
 * What other code of a program does beside the library. Nobody may close its descriptors, reap or signal its children.
 */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PIPES = 16, CHILDREN = 6 };

struct end {
	int fd;
	ino_t inode;
};

static void check_end_of_pipe(struct worker *w, const struct end *end) {
	struct stat now;

	if (fstat(end->fd, &now) < 0)
		wrong(w, "descriptor %d of a stranger was closed", end->fd);
	else if (now.st_ino != end->inode)
		wrong(w, "descriptor %d of a stranger is another file", end->fd);
}

static void open_ends(struct worker *w, struct end *ends) {
	struct stat now;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		wrong(w, "a stranger's pipe: %s", strerror(errno));
		fds[0] = fds[1] = -1;
	}
	for (int i = 0; i < 2; i++) {
		memset(&now, 0, sizeof now);
		if (fds[i] >= 0)
			fstat(fds[i], &now);
		ends[i] = (struct end){ fds[i], now.st_ino };
	}
}

static void close_ends(struct worker *w, struct end *ends) {
	for (int i = 0; i < 2; i++) {
		if (ends[i].fd >= 0) {
			check_end_of_pipe(w, &ends[i]);
			if (close(ends[i].fd) < 0)
				wrong(w, "close of %d of a stranger: %s", ends[i].fd, strerror(errno));
		}
		ends[i].fd = -1;
	}
}

void *run_pipes(void *worker) {
	struct worker *w = worker;
	struct end pipes[PIPES][2];
	int at;

	for (int i = 0; i < PIPES; i++)
		open_ends(w, pipes[i]);
	while (!atomic_load(&storm.is_over)) {
		w->act = "pipes";
		at = below(w, PIPES);
		close_ends(w, pipes[at]);
		open_ends(w, pipes[at]);
		atomic_fetch_add(&storm.strangers, 1);
		usleep((useconds_t)below(w, 200));
	}
	for (int i = 0; i < PIPES; i++)
		close_ends(w, pipes[i]);
	return NULL;
}

struct child {
	pid_t pid;
	int code, signal;
};

static void reap(struct worker *w, struct child *child) {
	int status = 0;

	if (child->pid <= 0)
		return;
	if (child->signal)
		kill(child->pid, child->signal);
	if (waitpid(child->pid, &status, 0) != child->pid)
		wrong(w, "a stranger's child was reaped: %s", strerror(errno));
	else if (child->signal ? !WIFSIGNALED(status) || WTERMSIG(status) != child->signal
			       : !WIFEXITED(status) || WEXITSTATUS(status) != child->code)
		wrong(w, "a stranger's child ended as 0x%x, not by %s %d", (unsigned)status,
		      child->signal ? "signal" : "exit status", child->signal ? child->signal : child->code);
	child->pid = 0;
}

/* One that exits by itself, or one that nobody but its parent signals. */
static void fork_child(struct worker *w, struct child *child) {
	*child = (struct child){ .code = below(w, 256), .signal = below(w, 2) ? SIGTERM : 0 };
	child->pid = fork();
	if (child->pid == 0) {
		alarm(600);
		while (child->signal)
			pause();
		_exit(child->code);
	}
	if (child->pid < 0)
		wrong(w, "a stranger's fork: %s", strerror(errno));
}

void *run_forks(void *worker) {
	struct child children[CHILDREN] = { { .pid = 0 } };
	struct worker *w = worker;
	int at;

	while (!atomic_load(&storm.is_over)) {
		w->act = "forks";
		at = below(w, CHILDREN);
		reap(w, &children[at]);
		fork_child(w, &children[at]);
		atomic_fetch_add(&storm.strangers, 1);
		usleep((useconds_t)below(w, 3000));
	}
	for (int i = 0; i < CHILDREN; i++)
		reap(w, &children[i]);
	return NULL;
}

void *run_posix_spawns(void *worker) {
	struct child child = { .pid = 0 };
	struct worker *w = worker;
	char text[16], *argv[] = { (char *)(uintptr_t)storm.program, text, NULL };
	int error;

	while (!atomic_load(&storm.is_over)) {
		w->act = "posix_spawn";
		child = (struct child){ .code = below(w, 256) };
		snprintf(text, sizeof text, "%d", child.code);
		error = posix_spawn(&child.pid, storm.program, NULL, NULL, argv, environ);
		if (error)
			wrong(w, "posix_spawn: %s", strerror(error));
		else
			reap(w, &child);
		atomic_fetch_add(&storm.strangers, 1);
		usleep((useconds_t)below(w, 2000));
	}
	return NULL;
}

/* libc signals every thread for it, also one that waits for a start. */
void *run_ids(void *worker) {
	struct worker *w = worker;

	while (!atomic_load(&storm.is_over)) {
		w->act = "setresuid";
		if (setresuid(getuid(), geteuid(), getuid()) < 0)
			wrong(w, "setresuid to one's own ids: %s", strerror(errno));
		atomic_fetch_add(&storm.strangers, 1);
		usleep((useconds_t)below(w, 5000));
	}
	return NULL;
}
