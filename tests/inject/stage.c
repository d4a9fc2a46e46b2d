/* SPDX-License-Identifier: ISC */
/* Where a worker runs its cases: a directory, a terminal and, where one can be made, a control group of its own. */
#include "inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char *const files[] = { "side", "out", "err", "report", "audit", "printed" };

static void open_terminal(struct stage *stage) {
	stage->terminal = -1;
	stage->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (stage->master < 0 || grantpt(stage->master) < 0 || unlockpt(stage->master) < 0)
		return;
	setsid();
	stage->terminal = open(ptsname(stage->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ioctl(stage->terminal, TIOCSCTTY, 0);
}

/* The directory of the group that this process is in; "" without version 2 of control groups. */
static void find_group(char *text, size_t size) {
	char line[1024], place[256] = "", inner[256] = "";
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof line, file)) {
		if (strstr(line, " - cgroup2 "))
			sscanf(line, "%*s %*s %*s %*s %255s", place);
	}
	if (file)
		fclose(file);
	file = fopen("/proc/self/cgroup", "re");
	while (file && fgets(line, sizeof line, file)) {
		if (strncmp(line, "0::", 3) == 0)
			sscanf(line, "0::%255s", inner);
	}
	if (file)
		fclose(file);
	snprintf(text, size, "%.220s%.220s", place, *place ? inner : "");
}

static int write_text(const char *directory, const char *name, const char *text) {
	char path[800];
	int fd;
	bool is_written;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	is_written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return is_written ? 0 : -EIO;
}

/* Groups that hold leaves are then seen, and no other hold of the machine sweeps them. */
static void make_group(struct stage *stage) {
	char outer[512], number[32];

	*stage->group = 0;
	find_group(outer, sizeof outer - 40);
	if (!*outer)
		return;
	snprintf(stage->group, sizeof stage->group, "%.450s/inject-%d", outer, (int)getpid());
	snprintf(number, sizeof number, "%d", (int)getpid());
	if (mkdir(stage->group, 0755) == 0 && write_text(stage->group, "cgroup.procs", number) == 0)
		return;
	rmdir(stage->group);
	*stage->group = 0;
}

int stage_open(struct stage *stage, const char *hold, const char *command) {
	const char *place = getenv("TMPDIR");
	char *slash;

	*stage = (struct stage){ .hold = hold };
	snprintf(stage->command_directory, sizeof stage->command_directory, "%s", command);
	slash = strrchr(stage->command_directory, '/');
	if (slash)
		*slash = 0;
	snprintf(stage->directory, sizeof stage->directory, "%.200s/inject-XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(stage->directory))
		return -errno;
	open_terminal(stage);
	make_group(stage);
	return 0;
}

/* What ended a moment ago may still count as a member. */
static void remove_group(const char *path) {
	for (int i = 0; i < 500 && rmdir(path) < 0 && errno == EBUSY; i++)
		usleep(10000);
}

bool stage_group_is_left(const struct stage *stage, char *name, size_t size) {
	DIR *directory = *stage->group ? opendir(stage->group) : NULL;
	bool is_left = false;

	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(name, size, "%s", entry->d_name);
		is_left = true;
	}
	if (directory)
		closedir(directory);
	return is_left;
}

static void remove_groups(const struct stage *stage) {
	char name[256], path[800];

	for (int i = 0; i < 20 && stage_group_is_left(stage, name, sizeof name); i++) {
		snprintf(path, sizeof path, "%s/%s", stage->group, name);
		write_text(path, "cgroup.kill", "1");
		remove_group(path);
	}
}

void stage_clean(const struct stage *stage) {
	char path[512];

	remove_groups(stage);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", stage->directory, files[i]);
		unlink(path);
	}
}

void stage_close(struct stage *stage) {
	char outer[512], number[32];

	stage_clean(stage);
	rmdir(stage->directory);
	if (!*stage->group)
		return;
	snprintf(outer, sizeof outer, "%s", stage->group);
	*strrchr(outer, '/') = 0;
	snprintf(number, sizeof number, "%d", (int)getpid());
	write_text(outer, "cgroup.procs", number);
	remove_group(stage->group);
}

void stage_read(const struct stage *stage, const char *name, char *text, size_t size) {
	char path[512];
	int fd;
	ssize_t length, count = 0;

	snprintf(path, sizeof path, "%s/%s", stage->directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (length = read(fd, text + count, size - 1 - (size_t)count)) > 0)
		count += length;
	text[count] = 0;
	if (fd >= 0)
		close(fd);
}

/* ---- children ---- */

static void set_environment(const struct stage *stage) {
	char text[800];

	clearenv();
	snprintf(text, sizeof text, "%s:/usr/bin:/bin", stage->command_directory);
	setenv("PATH", text, 1);
	snprintf(text, sizeof text, "%s/side", stage->directory);
	setenv("INJECT_SIDE", text, 1);
	setenv("TERM", "dumb", 1);
}

static void open_as(const char *name, int flags, int number) {
	const int fd = open(name, flags, 0666);

	if (fd < 0 || dup2(fd, number) < 0)
		_exit(99);
	if (fd != number)
		close(fd);
}

static void set_streams(const struct stage *stage, bool on_terminal) {
	sigset_t none;

	if (on_terminal) {
		setpgid(0, 0);
		tcsetpgrp(stage->terminal, getpid());
		dup2(stage->terminal, STDIN_FILENO);
	} else {
		open_as("/dev/null", O_RDONLY, STDIN_FILENO);
	}
	open_as("out", O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
	open_as("err", O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Splits a text at its spaces. Those parts with a % stand for something. */
static size_t add_words(char *text, const struct pair *pair, const char *number, const char **argv, size_t count) {
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[count++] = strcmp(word, "%C") == 0 ? pair->contain : strcmp(word, "%P") == 0 ? number : word;
	argv[count] = NULL;
	return count;
}

static void execute(const struct stage *stage, const char *program, const char **argv) {
	set_environment(stage);
	execvp(program, (char *const *)(uintptr_t)argv);
	_exit(99);
}

static int count_lines(const struct stage *stage) {
	char text[512];
	int count = 0;

	stage_read(stage, "side", text, sizeof text);
	for (const char *end = strchr(text, '\n'); end; end = strchr(end + 1, '\n'))
		count++;
	return count;
}

pid_t stage_target(const struct stage *stage, const struct pair *pair) {
	const char *argv[8] = { "inject-command" };
	char text[128];
	pid_t pid;

	if (!pair->scenario->target)
		return 0;
	pid = fork();
	if (pid == 0) {
		if (chdir(stage->directory) < 0)
			_exit(99);
		set_streams(stage, false);
		snprintf(text, sizeof text, "%s", pair->scenario->target);
		add_words(text, pair, "", argv, 1);
		execute(stage, "inject-command", argv);
	}
	/* A tree is to be there as a whole before hold is. */
	for (int i = 0; pid > 0 && i < 10000; i++) {
		if (count_lines(stage) >= pair->scenario->target_lines)
			return pid;
		usleep(2000);
	}
	return -1;
}

void stage_sweep(const struct stage *stage) {
	const char *argv[] = { "hold", "run", "--contain", "cgroup", "--", "true", NULL };
	const pid_t pid = fork();

	if (pid == 0) {
		if (chdir(stage->directory) < 0)
			_exit(99);
		set_streams(stage, false);
		execute(stage, stage->hold, argv);
	}
	waitpid(pid, NULL, 0);
}

static void write_map(const char *path, unsigned id) {
	char text[32];

	snprintf(text, sizeof text, "0 %u 1", id);
	write_text("/proc/self", path, text);
}

/* Of its namespaces: a /proc that shows them, and, without privileges, ids. */
static void settle(unsigned user, unsigned group) {
	if (user != 0) {
		write_text("/proc/self", "setgroups", "deny");
		write_map("uid_map", user);
		write_map("gid_map", group);
	}
	/* Where the root is no mount point (chroot) only /proc can be made private. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(99);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		_exit(99);
}

static pid_t fork_front(bool is_first) {
	const unsigned user = geteuid(), group = getegid();
	const long flags = CLONE_NEWPID | CLONE_NEWNS | (user ? CLONE_NEWUSER : 0) | SIGCHLD;
	pid_t pid;

	if (!is_first)
		return fork();
	pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0)
		settle(user, group);
	return pid;
}

pid_t stage_front(const struct stage *stage, const struct pair *pair, pid_t target, int *ret_pipe) {
	const char *argv[32] = { "hold" };
	char args[256], command[128], number[32], byte;
	size_t count;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork_front(pair->scenario->is_first);
	if (pid < 0)
		pid = -errno;
	if (pid == 0) {
		close(ends[1]);
		if (chdir(stage->directory) < 0)
			_exit(99);
		set_streams(stage, pair->scenario->on_terminal);
		snprintf(args, sizeof args, "%s", pair->scenario->args);
		snprintf(number, sizeof number, "%d", (int)target);
		count = add_words(args, pair, number, argv, 1);
		if (pair->scenario->command) {
			snprintf(command, sizeof command, "%s", pair->scenario->command);
			add_words(command, pair, number, argv, count);
		}
		if (read(ends[0], &byte, 1) == 1)
			execute(stage, stage->hold, argv);
		_exit(99);
	}
	close(ends[0]);
	*ret_pipe = ends[1];
	return pid;
}
