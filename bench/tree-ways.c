/* SPDX-License-Identifier: ISC */
#include "tree-ways.h"
#include "capped.h"
#include "figures.h"

#include <pidhold.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *grow;
static pid_t root;
static struct hold *hold;
static char group[PATH_MAX];

/* The process that runs psutil, pipes to it and from it, and its interpreter and script. */
static struct {
	pid_t pid;
	int in, out;
	const char *python, *script;
} helper;

static void pause_us(long microseconds) {
	nanosleep(&(struct timespec){ 0, microseconds * 1000 }, NULL);
}

static void reap_all(void) {
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* ---- started by fork, in a process group of its own, and in a control group if one was made ---- */

static void await_ready(int fd) {
	char byte;

	if (read(fd, &byte, 1) != 1)
		fail("the tree is not there");
}

static void enter_group(void) {
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/cgroup.procs", group);
	write_text(path, "0");
}

static void start_forked(const char *shape, int count) {
	char number[16];
	int ends[2];

	snprintf(number, sizeof number, "%d", count);
	if (pipe2(ends, O_CLOEXEC) < 0)
		fail("pipe2");
	root = fork();
	if (root == 0) {
		setpgid(0, 0);
		if (group[0])
			enter_group();
		dup2(ends[1], STDOUT_FILENO);
		execl(grow, grow, shape, number, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	await_ready(ends[0]);
	close(ends[0]);
}

/* ---- a control group by hand ---- */

static bool make_group(void) {
	const char *own = own_group_of_version_2();

	return own && snprintf(group, sizeof group, "%s/by-hand-%d", own, (int)getpid()) < (int)sizeof group &&
	       mkdir(group, 0755) == 0;
}

static void start_by_hand(const char *shape, int count) {
	if (!make_group())
		fail("a control group");
	start_forked(shape, count);
}

static bool is_populated(const char *path) {
	char text[256] = "";
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
		fail(path);
	close(fd);
	return strstr(text, "populated 1") != NULL;
}

static void end_by_hand(void) {
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/cgroup.kill", group);
	write_text(path, "1");
	snprintf(path, sizeof path, "%s/cgroup.events", group);
	while (is_populated(path))
		pause_us(200);
	waitpid(root, NULL, 0);
	reap_all();
	if (rmdir(group) < 0)
		fail(group);
	group[0] = 0;
}

/* ---- ours ---- */

static int hold_contained(const char *const *argv, int32_t containment) {
	const struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.out = { .kind = HOLD_STDIO_PIPE },
		.contain = containment,
		.on_release = HOLD_ON_RELEASE_KILL,
	};

	return hold_spawn(&hold, &options, NULL);
}

static void start_held(const char *shape, int count, int32_t containment) {
	char number[16];
	const char *const argv[] = { grow, shape, number, NULL };

	snprintf(number, sizeof number, "%d", count);
	if (hold_contained(argv, containment) < 0)
		fail("hold_spawn");
	await_ready(hold_stream(hold, 1));
}

static void start_in_cgroup(const char *shape, int count) {
	start_held(shape, count, HOLD_CONTAIN_CGROUP);
}

static void start_in_pidns(const char *shape, int count) {
	start_held(shape, count, HOLD_CONTAIN_PIDNS);
}

static void start_with_keeper(const char *shape, int count) {
	start_held(shape, count, HOLD_CONTAIN_KEEPER);
}

static void end_held(void) {
	static const struct hold_rung kill = { .signal = SIGKILL, .wait_ms = 10000 };

	hold_tree_stop(hold, &kill, 1, NULL, NULL, NULL);
	hold_wait(hold, HOLD_FOREVER, NULL);
	hold = hold_release(hold);
}

static bool can_be_held(int32_t containment) {
	const int error = hold_contained((const char *const[]){ "true", NULL }, containment);

	hold = hold_release(hold);
	return error == 0;
}

/* ---- other programs ---- */

/* Runs a program on the root of the tree. Processes of the tree that end meanwhile are reaped, so that it sees that. */
static void run_on_root(const char *const *argv) {
	const pid_t program = fork();
	pid_t ended;

	if (program == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while ((ended = waitpid(-1, NULL, 0)) != program && ended > 0)
		;
}

/* Waits for the whole process group, since pkill is told to end that. */
static void end_by_pkill(void) {
	const int64_t patience = now_ns() + INT64_C(2000000000);
	char number[16];

	snprintf(number, sizeof number, "%d", (int)root);
	run_on_root((const char *const[]){ "pkill", "-KILL", "-g", number, NULL });
	while (reap_all(), kill(-root, 0) == 0 && now_ns() < patience)
		pause_us(200);
}

static void end_by_psutil_script(void) {
	char number[16];

	snprintf(number, sizeof number, "%d", (int)root);
	run_on_root((const char *const[]){ helper.python, helper.script, number, NULL });
	reap_all();
}

static bool has_pkill(void) {
	return system("command -v pkill >/dev/null 2>&1") == 0;
}

/* Reads a line from the psutil process; false: it has ended. */
static bool hear_helper(void) {
	char byte = 0;

	while (byte != '\n' && read(helper.out, &byte, 1) == 1)
		;
	return byte == '\n';
}

static void end_by_psutil(void) {
	struct pollfd answer = { helper.out, POLLIN, 0 };

	if (dprintf(helper.in, "%d\n", (int)root) < 0)
		fail("the process of psutil's");
	/* psutil sees the end of a process that is not its child only when that has been reaped. */
	while (poll(&answer, 1, 1) == 0)
		reap_all();
	if (!hear_helper())
		fail("the process of psutil's");
	reap_all();
}

static bool start_helper(const char *python, const char *script) {
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		fail("pipe2");
	helper.python = python;
	helper.script = script;
	helper.pid = fork();
	if (helper.pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execlp(python, python, script, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	helper.in = in[1];
	helper.out = out[0];
	if (hear_helper())
		return true;
	tree_ways_end();
	return false;
}

/* ---- all of them ---- */

const struct tree_way tree_ways[TREE_WAYS] = {
	[BY_HAND] = { "cgroup.kill by hand", start_by_hand, end_by_hand },
	[OUR_CGROUP] = { "hold_tree_stop, cgroup", start_in_cgroup, end_held },
	[OUR_PIDNS] = { "hold_tree_stop, pidns", start_in_pidns, end_held },
	[OUR_KEEPER] = { "hold_tree_stop, keeper", start_with_keeper, end_held },
	[PKILL] = { "pkill -KILL -g", start_forked, end_by_pkill },
	[PSUTIL] = { "a script with psutil", start_forked, end_by_psutil_script },
	[PSUTIL_RUNNING] = { "psutil, where Python runs already", start_forked, end_by_psutil },
};

void tree_ways_begin(const char *program, const char *script) {
	grow = program;
	if (!start_helper("python3", script))
		start_helper("/usr/bin/python3", script); /* Debian's psutil is for this one */
}

bool tree_way_is_available(enum tree_way_name way) {
	bool is_made;

	switch (way) {
	case BY_HAND:
		is_made = make_group();
		if (is_made)
			rmdir(group);
		group[0] = 0;
		return is_made;
	case OUR_CGROUP:
		return can_be_held(HOLD_CONTAIN_CGROUP);
	case OUR_PIDNS:
		return can_be_held(HOLD_CONTAIN_PIDNS);
	case OUR_KEEPER:
		return can_be_held(HOLD_CONTAIN_KEEPER);
	case PKILL:
		return has_pkill();
	default:
		return helper.pid != 0;
	}
}

pid_t tree_ways_helper(void) {
	return helper.pid;
}

pid_t tree_ways_keeper(void) {
	struct hold_description found = { .size = sizeof found };

	return hold_describe(hold, &found) < 0 ? 0 : (pid_t)found.parent;
}

void tree_ways_end(void) {
	if (!helper.pid)
		return;
	close(helper.in); /* the end of its input ends it */
	close(helper.out);
	waitpid(helper.pid, NULL, 0);
	helper.pid = 0;
}
