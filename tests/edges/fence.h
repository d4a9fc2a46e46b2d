/* SPDX-License-Identifier: ISC */
/*
 * A fence around a command that is attacked: this process is a subreaper, so whatever the command loses becomes a
 * descendant of it, and is counted and ended here. The numbers of descendants are safe to signal: this process alone
 * reaps them, and it looks through a descriptor that it opened before it asked whose descendant it is.
 */
#ifndef TESTS_FENCE_H
#define TESTS_FENCE_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FENCE_MOST = 4096 };

struct fence_list {
	int count;
	pid_t pids[FENCE_MOST];
};

static inline int64_t fence_now_us(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The state's letter, and the parent and name (20 bytes); 0: there is no such process. */
static inline char fence_stat(pid_t pid, pid_t *ret_parent, char *ret_name) {
	char path[64], text[512], *end;
	FILE *file;
	size_t size;
	char state = 0;
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = 0;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2)
		return 0;
	*end = 0;
	*ret_parent = parent;
	if (ret_name)
		snprintf(ret_name, 20, "%s", strchr(text, '(') ? strchr(text, '(') + 1 : "");
	return state;
}

static inline void fence_add_children(pid_t pid, struct fence_list *list) {
	char path[300], line[32];
	struct dirent *entry;
	DIR *tasks;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)pid, entry->d_name);
		file = fopen(path, "re");
		while (file && fscanf(file, "%31s", line) == 1 && list->count < FENCE_MOST)
			list->pids[list->count++] = atoi(line);
		if (file)
			fclose(file);
	}
	if (tasks)
		closedir(tasks);
}

/* All that live below `root`, parents first, those that have ended left out. */
static inline void fence_look(pid_t root, struct fence_list *list) {
	pid_t parent;
	int kept = 0;
	char state;

	list->count = 0;
	fence_add_children(root, list);
	for (int i = 0; i < list->count; i++)
		fence_add_children(list->pids[i], list);
	for (int i = 0; i < list->count; i++) {
		state = fence_stat(list->pids[i], &parent, NULL);
		if (state && state != 'Z' && state != 'X')
			list->pids[kept++] = list->pids[i];
	}
	list->count = kept;
}

/* Those of our children that have ended, but for `spared`. */
static inline void fence_reap(pid_t spared) {
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 || !info.si_pid ||
		    info.si_pid == spared)
			return;
		waitpid(info.si_pid, NULL, __WALL);
	}
}

/* How many live below this process once they have had `grace_us` to end. */
static inline int fence_count_left(int64_t grace_us, struct fence_list *list) {
	const int64_t end = fence_now_us() + grace_us;

	for (;;) {
		fence_reap(0);
		fence_look(getpid(), list);
		if (!list->count || fence_now_us() >= end)
			return list->count;
		usleep(2000);
	}
}

/* Ends all that live below this process. */
static inline void fence_end_all(void) {
	struct fence_list *list = malloc(sizeof *list);

	for (int tries = 0; list && tries < 2000; tries++) {
		fence_reap(0);
		fence_look(getpid(), list);
		if (!list->count)
			break;
		for (int i = 0; i < list->count; i++)
			kill(list->pids[i], SIGKILL);
		usleep(2000);
	}
	free(list);
}

#endif
