/* SPDX-License-Identifier: ISC */
#include "capped.h"
#include "figures.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_OTHERS = 32768 };

static char before[PATH_MAX], directory[PATH_MAX];

static bool try_to_write(const char *path, const char *text) {
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	const bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return is_written;
}

void write_text(const char *path, const char *text) {
	if (!try_to_write(path, text))
		fail(path);
}

/* ---- where this program's own groups are ---- */

/* The mount point and root of a hierarchy: "cgroup2", or "cgroup" with that controller. */
static bool find_mount(const char *type, const char *controller, char *point, char *root) {
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[3 * PATH_MAX], found[32], options[256];
	bool is_found = false;

	while (file && !is_found && fgets(line, sizeof line, file)) {
		const char *end = strstr(line, " - ");

		is_found = end && sscanf(end, " - %31s %*s %255s", found, options) == 2 && strcmp(found, type) == 0 &&
			   (!controller || strstr(options, controller)) &&
			   sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) == 2;
	}
	if (file)
		fclose(file);
	return is_found;
}

/* The line of /proc/self/cgroup of version 2, or of that controller. */
static bool find_path(const char *controller, char *path) {
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 256];
	bool is_found = false;

	while (file && !is_found && fgets(line, sizeof line, file)) {
		char *names = strchr(line, ':'), *rest = names ? strchr(names + 1, ':') : NULL;

		if (!rest)
			continue;
		*rest++ = 0;
		rest[strcspn(rest, "\n")] = 0;
		is_found = controller ? strcmp(names + 1, controller) == 0 : names[1] == 0;
		if (is_found)
			snprintf(path, PATH_MAX, "%s", rest);
	}
	if (file)
		fclose(file);
	return is_found;
}

static bool find_own(const char *controller, char *ret) {
	char point[PATH_MAX], root[PATH_MAX], path[PATH_MAX];
	size_t above;

	if (!find_mount(controller ? "cgroup" : "cgroup2", controller, point, root) || !find_path(controller, path))
		return false;
	above = strcmp(root, "/") ? strlen(root) : 0;
	return strncmp(path, root, above) == 0 && snprintf(ret, PATH_MAX, "%s%s", point, path + above) < PATH_MAX;
}

const char *own_group_of_version_2(void) {
	static char own[PATH_MAX];

	return find_own(NULL, own) ? own : NULL;
}

/* ---- the fence ---- */

static void path_in(char *path, const char *above, const char *name) {
	if (snprintf(path, PATH_MAX, "%s/%s", above, name) >= PATH_MAX)
		fail(name);
}

static bool make_below(const char *own, int most) {
	char path[PATH_MAX], text[16];

	snprintf(text, sizeof text, "bench-%d", (int)getpid());
	path_in(directory, own, text);
	if (mkdir(directory, 0755) < 0)
		return false;
	snprintf(text, sizeof text, "%d", most);
	path_in(path, directory, "pids.max");
	if (try_to_write(path, text)) {
		path_in(path, directory, "cgroup.procs");
		if (try_to_write(path, "0"))
			return true;
	}
	rmdir(directory);
	return false;
}

bool capped_begin(int most) {
	return (find_own("pids", before) && make_below(before, most)) ||
	       (find_own(NULL, before) && make_below(before, most));
}

/* Lists the other processes in the group and in groups below it. A list has a 0 for a process that is just ending. */
static int list_others(pid_t *list, pid_t helper) {
	glob_t files = { 0 };
	char pattern[PATH_MAX];
	int count = 0, pid;

	path_in(pattern, directory, "cgroup.procs");
	glob(pattern, 0, NULL, &files);
	path_in(pattern, directory, "*/cgroup.procs");
	glob(pattern, GLOB_APPEND, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "re");

		while (file && fscanf(file, "%d", &pid) == 1 && count < MOST_OTHERS) {
			if (pid > 0 && pid != getpid() && pid != helper)
				list[count++] = pid;
		}
		if (file)
			fclose(file);
	}
	globfree(&files);
	return count;
}

static void reap(void) {
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int capped_count_others(pid_t helper) {
	static pid_t list[MOST_OTHERS];

	reap();
	return list_others(list, helper);
}

/* The process is opened first, and signalled only if it is still in the group: so the number is its own. */
static void kill_one(pid_t pid) {
	char path[64], text[PATH_MAX] = "";
	const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	FILE *file;

	if (pidfd < 0)
		return;
	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
	file = fopen(path, "re");
	if (file && fread(text, 1, sizeof text - 1, file) > 0 && strstr(text, strrchr(directory, '/')))
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	if (file)
		fclose(file);
	close(pidfd);
}

void capped_end_others(pid_t helper) {
	static pid_t list[MOST_OTHERS];
	char path[PATH_MAX], most[32] = "max";
	FILE *file;
	int count;

	path_in(path, directory, "pids.max");
	file = fopen(path, "re");
	if (!file || fscanf(file, "%31s", most) != 1)
		fail(path);
	fclose(file);
	write_text(path, "0"); /* no process forks any more */
	while (reap(), (count = list_others(list, helper)) > 0) {
		for (int i = 0; i < count; i++)
			kill_one(list[i]);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	write_text(path, most);
}

void capped_end(void) {
	char path[PATH_MAX];

	path_in(path, before, "cgroup.procs");
	write_text(path, "0");
	if (rmdir(directory) < 0)
		fail(directory);
}
