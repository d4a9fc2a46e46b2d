/* SPDX-License-Identifier: ISC */
/* What a process is given before its program is executed: limits, ids, scores, priorities; and what is refused. */
#include "children.h"
#include "../start-info.h"

#include <grp.h>
#include <linux/ioprio.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { OTHER_USER = 65534, OTHER_GROUP = 65533 };

#define OPTIONS(...) ((struct hold_options){ __VA_ARGS__ })
#define IDS(...) (&(const struct hold_ids){ .size = sizeof(struct hold_ids), __VA_ARGS__ })

static struct hold *start_sleeper(struct hold_options options) {
	options.on_release = HOLD_ON_RELEASE_KILL;
	return start_with(ARGV("/bin/sleep", "1000"), &options);
}

/* The start must fail, there and with this sentence. */
static void fail_with(struct hold_options options, int code, int step, const char *sentence) {
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;
	char text[512];

	options.size = sizeof options;
	options.argv = ARGV("/bin/true");
	CHECK_EQ(hold_spawn(&h, &options, &error), code);
	CHECK(!h);
	CHECK_EQ(error.code, code);
	CHECK_EQ(error.step, step);
	hold_error_text(&error, text, sizeof text);
	CHECK_STRING(text, sentence);
}

static void fail_at_option(struct hold_options options, const char *name) {
	char sentence[64];

	snprintf(sentence, sizeof sentence, "option %s: Invalid argument", name);
	fail_with(options, -EINVAL, HOLD_AT_OPTION, sentence);
}

/* What a file of the process's in /proc has behind `key`, up to the line's end; with no key, its first line. */
static const char *proc_value(const struct hold *h, const char *file, const char *key) {
	static char text[8192];
	char path[64];
	char *line = text;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", h ? (int)hold_pid(h) : (int)getpid(), file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	read_all(fd, text, sizeof text);
	close(fd);
	while (*line && strncmp(line, key, strlen(key)))
		line += strcspn(line, "\n") + 1;
	line += strlen(key);
	line += strspn(line, " \t");
	line[strcspn(line, "\n")] = 0;
	for (size_t length = strlen(line); length && line[length - 1] == ' '; length--)
		line[length - 1] = 0;
	return line;
}

/* ---- limits ---- */

static struct rlimit limit_of(const struct hold *h, int resource) {
	struct rlimit limit;

	CHECK_EQ(syscall(SYS_prlimit64, h ? (pid_t)hold_pid(h) : 0, resource, NULL, &limit), 0);
	return limit;
}

static void check_limit(const struct hold *h, int resource, uint64_t soft, uint64_t hard) {
	struct rlimit limit = limit_of(h, resource);

	CHECK_EQ(limit.rlim_cur, soft);
	CHECK_EQ(limit.rlim_max, hard);
}

TEST("limits are the process's own, soft and hard, and the caller's stay as they were") {
	const struct rlimit files = limit_of(NULL, RLIMIT_NOFILE), stack = limit_of(NULL, RLIMIT_STACK),
			    core = limit_of(NULL, RLIMIT_CORE), size = limit_of(NULL, RLIMIT_FSIZE);
	const struct hold_limit limits[] = {
		{ RLIMIT_NOFILE, 0, 50, 60 },
		{ RLIMIT_CORE, 0, 0, 0 },
		{ RLIMIT_FSIZE, 0, UINT64_C(1) << 33, UINT64_C(1) << 34 },
	};
	struct hold *h = start_sleeper(OPTIONS(.limits = limits, .limit_count = 3));

	check_limit(h, RLIMIT_NOFILE, 50, 60);
	check_limit(h, RLIMIT_CORE, 0, 0);
	check_limit(h, RLIMIT_FSIZE, UINT64_C(1) << 33, UINT64_C(1) << 34);
	check_limit(h, RLIMIT_STACK, stack.rlim_cur, stack.rlim_max);
	check_limit(NULL, RLIMIT_NOFILE, files.rlim_cur, files.rlim_max);
	check_limit(NULL, RLIMIT_CORE, core.rlim_cur, core.rlim_max);
	check_limit(NULL, RLIMIT_FSIZE, size.rlim_cur, size.rlim_max);
	hold_release(h);
}

TEST("UINT64_MAX is no limit, and of two for one resource the last one counts") {
	struct hold_limit limits[] = { { RLIMIT_CPU, 0, 1000, UINT64_MAX }, { RLIMIT_CPU, 0, UINT64_MAX, UINT64_MAX } };
	struct hold *h;

	if (limit_of(NULL, RLIMIT_CPU).rlim_max != RLIM_INFINITY)
		SKIP("there is a limit on processor time already");
	h = start_sleeper(OPTIONS(.limits = limits, .limit_count = 1));
	check_limit(h, RLIMIT_CPU, 1000, RLIM_INFINITY);
	hold_release(h);
	h = start_sleeper(OPTIONS(.limits = limits, .limit_count = 2));
	check_limit(h, RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY);
	hold_release(h);
}

TEST("a limit on descriptors does not count for those that pass, whose numbers may be higher") {
	const struct hold_limit limit = { RLIMIT_NOFILE, 0, 10, 10 };
	const struct hold_pass pass = { 1, 100 };
	struct hold *h = start_with(ARGV("/bin/sh", "-c", "[ -e /proc/self/fd/100 ] && ulimit -n"),
				    &OPTIONS(.limits = &limit, .limit_count = 1, .pass = &pass, .pass_count = 1,
					     .out = { .kind = HOLD_STDIO_PIPE }));
	char text[16];

	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "10\n");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

static void raise_hard_limit(void) {
	const struct rlimit own = { .rlim_cur = 100, .rlim_max = 100 };
	const struct hold_limit limit = { RLIMIT_NOFILE, 0, 100, 101 };
	char sentence[64];

	become_ordinary();
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &own), 0);
	snprintf(sentence, sizeof sentence, "resource limit %d: Operation not permitted", RLIMIT_NOFILE);
	fail_with(OPTIONS(.limits = &limit, .limit_count = 1), -EPERM, HOLD_AT_LIMIT, sentence);
}

TEST("a hard limit that may not be had") {
	in_child(raise_hard_limit);
}

TEST("a limit that makes no sense is named") {
	const struct hold_limit limits[] = { { RLIMIT_CORE, 0, 0, 0 }, { RLIMIT_FSIZE, 0, 2, 1 } };
	const struct hold_limit unknown = { 99, 0, 1, 1 },
				reserved[] = { { RLIMIT_CORE, 0, 0, 0 }, { RLIMIT_CORE, 1, 0, 0 } };

	fail_with(OPTIONS(.limits = limits, .limit_count = 2), -EINVAL, HOLD_AT_LIMIT,
		  "resource limit 1: Invalid argument");
	fail_with(OPTIONS(.limits = &unknown, .limit_count = 1), -EINVAL, HOLD_AT_LIMIT,
		  "resource limit 99: Invalid argument");
	fail_at_option(OPTIONS(.limits = reserved, .limit_count = 2), "limits[1].reserved");
	fail_at_option(OPTIONS(.limit_count = 1), "limits");
}

/* ---- ids ---- */

static void need_other_users(void) {
	int status, pid = fork();

	if (pid == 0)
		_exit(geteuid() != 0 ? 1 : setgroups(0, NULL) || setgid(OTHER_GROUP) || setuid(OTHER_USER) ? 2 : 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 1)
		SKIP("only root may become another user");
	if (status)
		SKIP("this root cannot become another user");
}

static void check_ids(const struct hold *h, unsigned user, unsigned group, const char *groups) {
	char wanted[64];

	snprintf(wanted, sizeof wanted, "%u\t%u\t%u\t%u", user, user, user, user);
	CHECK_STRING(proc_value(h, "status", "Uid:"), wanted);
	snprintf(wanted, sizeof wanted, "%u\t%u\t%u\t%u", group, group, group, group);
	CHECK_STRING(proc_value(h, "status", "Gid:"), wanted);
	CHECK_STRING(proc_value(h, "status", "Groups:"), groups);
}

/* In a user namespace there may be fewer. */
static bool all_numbers_are_mapped(void) {
	return strstr(proc_value(NULL, "uid_map", ""), "4294967295") &&
	       strstr(proc_value(NULL, "gid_map", ""), "4294967295");
}

TEST("user, group and groups are the ones that were given, all ids alike") {
	static const uint32_t groups[] = { 7, 5, 60000 };
	struct hold_ids ids = { .size = sizeof ids,
				.set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS,
				.user = OTHER_USER,
				.group = OTHER_GROUP,
				.groups = groups,
				.group_count = 3 };
	struct hold *h;

	need_other_users();
	CHECK_EQ(setgroups(2, (const gid_t[]){ 3, 4 }), 0); /* so that there is something to be taken away */
	h = start_sleeper(OPTIONS(.ids = &ids));
	check_ids(h, OTHER_USER, OTHER_GROUP, "5 7 60000");
	if (hold_containment(h) == HOLD_CONTAIN_NONE)
		CHECK_EQ(table_of(h), HOLD_TABLE_COPIED);
	hold_release(h);
	ids.group_count = 0;
	if (all_numbers_are_mapped())
		ids.user = ids.group = UINT32_MAX - 1;
	h = start_sleeper(OPTIONS(.ids = &ids));
	check_ids(h, ids.user, ids.group, "");
	hold_release(h);
}

TEST("what is not set of the ids is the caller's") {
	static const uint32_t groups[] = { 7 };
	const char *own = "3 4";
	struct hold *h;

	need_other_users();
	CHECK_EQ(setgroups(2, (const gid_t[]){ 3, 4 }), 0);
	h = start_sleeper(OPTIONS(.ids = IDS(.user = OTHER_USER, .group = OTHER_GROUP)));
	check_ids(h, getuid(), getgid(), own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.ids = IDS(.set = HOLD_IDS_USER, .user = OTHER_USER, .group = OTHER_GROUP)));
	check_ids(h, OTHER_USER, getgid(), own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.ids = IDS(.set = HOLD_IDS_GROUP, .user = OTHER_USER, .group = OTHER_GROUP)));
	check_ids(h, getuid(), OTHER_GROUP, own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.ids = IDS(.set = HOLD_IDS_GROUPS, .groups = groups, .group_count = 1)));
	check_ids(h, getuid(), getgid(), "7");
	hold_release(h);
}

static bool is_locked(const char *path) {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int status, fd, pid = fork();

	if (pid == 0) { /* whose locks ours are not */
		fd = open(path, O_RDWR);
		_exit(fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 ? 2 : lock.l_type != F_UNLCK);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status);
}

TEST("a start as another user leaves the caller's ids, its record locks, its core dumps and its own /proc alone") {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int dumpable = prctl(PR_GET_DUMPABLE);
	char path[] = "/tmp/pidhold-lock-XXXXXX", before[64];
	int fd = mkstemp(path);
	struct stat stat_of_own;

	need_other_users();
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_SETLK, &lock), 0);
	snprintf(before, sizeof before, "%s", proc_value(NULL, "status", "Uid:"));
	for (int i = 0; i < 5; i++) {
		const struct hold_pass pass = { fd, 9 };
		struct hold *h = start_sleeper(
			OPTIONS(.ids = IDS(.set = HOLD_IDS_USER, .user = OTHER_USER), .pass = &pass, .pass_count = 1));

		hold_release(h);
		CHECK_EQ(prctl(PR_GET_DUMPABLE), dumpable);
	}
	CHECK_STRING(proc_value(NULL, "status", "Uid:"), before);
	CHECK(is_locked(path));
	CHECK_EQ(stat("/proc/self/environ", &stat_of_own), 0);
	CHECK_EQ(stat_of_own.st_uid, geteuid());
	close(fd);
	CHECK_EQ(unlink(path), 0);
}

TEST("files are opened with the caller's rights, and the program is executed with the user's") {
	char directory[] = "/tmp/pidhold-private-XXXXXX", path[64], program[64], sentence[128];
	struct hold_options options = { .out = { HOLD_STDIO_FILE, 0, path }, .ids = NULL };
	struct stat status;
	struct hold *h;

	need_other_users();
	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/file", directory);
	snprintf(program, sizeof program, "%s/program", directory);
	options.ids =
		IDS(.set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS, .user = OTHER_USER, .group = OTHER_GROUP);
	h = start_with(SHELL("echo written"), &options);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	CHECK_EQ(stat(path, &status), 0);
	CHECK_EQ(status.st_uid, geteuid());
	CHECK_EQ(status.st_size, 8);
	CHECK_EQ(symlink("/bin/true", program), 0);
	options = OPTIONS(.program = program, .ids = options.ids);
	snprintf(sentence, sizeof sentence, "program %s: Permission denied", program);
	fail_with(options, -EACCES, HOLD_AT_PROGRAM, sentence);
	CHECK_EQ(unlink(program), 0);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(rmdir(directory), 0);
}

static void *start_as_other_and_end(void *argument) {
	struct hold **ret = argument;

	*ret = start_sleeper(
		OPTIONS(.parent_death_signal = SIGUSR1,
			.ids = IDS(.set = HOLD_IDS_USER | HOLD_IDS_GROUP, .user = OTHER_USER, .group = OTHER_GROUP)));
	return NULL;
}

TEST("the parent-death signal comes to a process of another user as well") {
	pthread_t thread;
	struct hold *h;

	need_other_users();
	CHECK_EQ(pthread_create(&thread, NULL, start_as_other_and_end, &h), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGUSR1);
	hold_release(h);
}

static void take_ids_without_right(void) {
	static const uint32_t groups[] = { 0 };

	become_ordinary();
	fail_with(OPTIONS(.ids = IDS(.set = HOLD_IDS_USER, .user = 0)), -EPERM, HOLD_AT_USER_ID,
		  "user 0: Operation not permitted");
	fail_with(OPTIONS(.ids = IDS(.set = HOLD_IDS_GROUP, .group = 0)), -EPERM, HOLD_AT_GROUP_ID,
		  "group 0: Operation not permitted");
	fail_with(OPTIONS(.ids = IDS(.set = HOLD_IDS_GROUPS, .groups = groups, .group_count = 1)), -EPERM,
		  HOLD_AT_GROUPS, "supplementary groups: Operation not permitted");
	fail_with(OPTIONS(.ids = IDS(.set = HOLD_IDS_USER, .user = UINT32_C(4000000000))), -EPERM, HOLD_AT_USER_ID,
		  "user 4000000000: Operation not permitted");
	fail_with(OPTIONS(.ids = IDS(.set = HOLD_IDS_GROUP, .group = UINT32_C(4000000000))), -EPERM, HOLD_AT_GROUP_ID,
		  "group 4000000000: Operation not permitted");
	hold_release(start_sleeper(
		OPTIONS(.ids = IDS(.set = HOLD_IDS_USER | HOLD_IDS_GROUP, .user = getuid(), .group = getgid()))));
}

TEST("ids that may not be had are named, and one's own may be had") {
	in_child(take_ids_without_right);
}

TEST("ids that make no sense are named") {
	struct hold_ids ids = { .size = sizeof ids, .set = HOLD_IDS_GROUPS << 1 };

	fail_at_option(OPTIONS(.ids = &ids), "ids");
	ids = (struct hold_ids){ .size = 0 };
	fail_at_option(OPTIONS(.ids = &ids), "ids");
	ids = (struct hold_ids){ .size = sizeof ids, .reserved = 1 };
	fail_at_option(OPTIONS(.ids = &ids), "ids");
	ids = (struct hold_ids){ .size = sizeof ids, .set = HOLD_IDS_GROUPS, .group_count = 1 };
	fail_at_option(OPTIONS(.ids = &ids), "ids");
}

/* ---- scores, priorities, privileges ---- */

static int score_of(const struct hold *h) {
	return atoi(proc_value(h, "oom_score_adj", ""));
}

TEST("the OOM score adjustment is the caller's, or the one that is given with its flag") {
	const int own = score_of(NULL);
	struct hold *h = start_sleeper(OPTIONS(.oom_score_adj = 1000));

	CHECK_EQ(score_of(h), own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.flags = HOLD_SET_OOM_SCORE, .oom_score_adj = 1000));
	CHECK_EQ(score_of(h), 1000);
	hold_release(h);
	if (own < 999) {
		h = start_sleeper(OPTIONS(.flags = HOLD_SET_OOM_SCORE, .oom_score_adj = own + 1));
		CHECK_EQ(score_of(h), own + 1);
		hold_release(h);
	}
	CHECK_EQ(score_of(NULL), own);
}

static void lower_score(void) {
	int fd;

	become_ordinary();
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "-1000", 5) == 5)
		SKIP("lowering the OOM score is allowed to every user here");
	close(fd);
	fail_with(OPTIONS(.flags = HOLD_SET_OOM_SCORE, .oom_score_adj = -1000), -EACCES, HOLD_AT_OOM_SCORE,
		  "OOM score adjustment -1000: Permission denied");
}

TEST("an OOM score that may not be had") {
	in_child(lower_score);
}

TEST("an OOM score beyond the ends") {
	fail_with(OPTIONS(.flags = HOLD_SET_OOM_SCORE, .oom_score_adj = 1001), -EINVAL, HOLD_AT_OOM_SCORE,
		  "OOM score adjustment 1001: Invalid argument");
	fail_with(OPTIONS(.flags = HOLD_SET_OOM_SCORE, .oom_score_adj = -1001), -EINVAL, HOLD_AT_OOM_SCORE,
		  "OOM score adjustment -1001: Invalid argument");
}

static int io_priority_of(const struct hold *h) {
	return (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, h ? (int)hold_pid(h) : 0);
}

TEST("the I/O priority is the caller's, or the one that is given with its flag") {
	const int best_effort = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6), idle = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
	const int own = io_priority_of(NULL);
	struct hold *h;

	if (own < 0)
		SKIP("no I/O priorities on this system");
	h = start_sleeper(OPTIONS(.io_priority = idle));
	CHECK_EQ(io_priority_of(h), own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.flags = HOLD_SET_IO_PRIORITY, .io_priority = best_effort));
	CHECK_EQ(io_priority_of(h), best_effort);
	hold_release(h);
	h = start_sleeper(OPTIONS(.flags = HOLD_SET_IO_PRIORITY, .io_priority = idle));
	CHECK_EQ(io_priority_of(h) >> IOPRIO_CLASS_SHIFT, IOPRIO_CLASS_IDLE);
	hold_release(h);
	CHECK_EQ(io_priority_of(NULL), own);
}

static void take_realtime_io(void) {
	if (io_priority_of(NULL) < 0)
		SKIP("no I/O priorities on this system");
	become_ordinary();
	fail_with(OPTIONS(.flags = HOLD_SET_IO_PRIORITY, .io_priority = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 0)), -EPERM,
		  HOLD_AT_IO_PRIORITY, "I/O priority 8192: Operation not permitted");
	fail_with(OPTIONS(.flags = HOLD_SET_IO_PRIORITY, .io_priority = 7 << IOPRIO_CLASS_SHIFT), -EINVAL,
		  HOLD_AT_IO_PRIORITY, "I/O priority 57344: Invalid argument");
}

TEST("an I/O priority that may not be had, and one that is none") {
	in_child(take_realtime_io);
}

TEST("with HOLD_NO_NEW_PRIVS nothing more is to be had by the process, which goes for the caller as before") {
	const int own = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	struct hold *h = start_sleeper(OPTIONS(.flags = 0));

	CHECK_EQ(atoi(proc_value(h, "status", "NoNewPrivs:")), own);
	hold_release(h);
	h = start_sleeper(OPTIONS(.flags = HOLD_NO_NEW_PRIVS));
	CHECK_EQ(atoi(proc_value(h, "status", "NoNewPrivs:")), 1);
	hold_release(h);
	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), own);
}

/* The process prints its LISTEN_PID, and another variable, which it has as ever. */
static void check_listen_pid(int contain, const char *const *env, bool has_variable) {
	struct hold_options options = {
		.flags = HOLD_SET_LISTEN_PID, .contain = contain, .env = env, .out = { .kind = HOLD_STDIO_PIPE }
	};
	struct hold *h = start_with(ARGV("/bin/sh", "-c", "echo \"$LISTEN_PID $OTHER\""), &options);
	char text[128], wanted[128] = " 1\n";

	if (has_variable)
		snprintf(wanted, sizeof wanted, "%d 1\n", (int)hold_pid(h));
	read_all(hold_stream(h, HOLD_STDOUT), text, sizeof text);
	CHECK_STRING(text, wanted);
	hold_release(h);
}

TEST("with HOLD_SET_LISTEN_PID the process has its own number as LISTEN_PID, if it has the variable at all") {
	static const int ways[] = { HOLD_CONTAIN_NONE, HOLD_CONTAIN_KEEPER };
	const char *const given[] = { "OTHER=1", "LISTEN_PID=7", NULL }, *const none[] = { "OTHER=1", NULL };

	setenv("LISTEN_PID", "7", 1);
	setenv("OTHER", "1", 1);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (ways[i] == HOLD_CONTAIN_KEEPER && !keeps("keeper"))
			SKIP("there can be no keeper here");
		check_listen_pid(ways[i], given, true);
		check_listen_pid(ways[i], none, false);
		check_listen_pid(ways[i], NULL, true);
	}
	CHECK_STRING(getenv("LISTEN_PID"), "7");
	CHECK_STRING(given[1], "LISTEN_PID=7");
}

CHECK_MAIN
