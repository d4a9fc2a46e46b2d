/* SPDX-License-Identifier: ISC */
/*
 * Limits of whole trees, where the kernel has all controllers in version 2 and this program is root in the root group:
 * by tests/kernels/run-on. It makes groups, delegates them to an ordinary user, and becomes that user. It is its own
 * victim.
 */
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ROOT "/sys/fs/cgroup"
#define GIVEN ROOT "/given" /* delegated to the user */
#define MIB (UINT64_C(1) << 20)

enum { USER = 1000 };

/* ---- groups ---- */

static void write_file(const char *path, const char *text) {
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
	close(fd);
}

/* "" if there is no such file. */
static const char *read_text(const char *path) {
	static char text[512];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const long length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	text[length < 0 ? 0 : length] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

static bool has_cgroup_kill(void) {
	mkdir(ROOT "/probe", 0755);
	const bool has = access(ROOT "/probe/cgroup.kill", W_OK) == 0;

	rmdir(ROOT "/probe");
	return has;
}

/* How many groups of pidhold's are in a directory. */
static int count_groups(const char *directory) {
	char command[256];

	snprintf(command, sizeof command, "exit $(ls -d %s/pidhold* 2>/dev/null | wc -l)", directory);
	return WEXITSTATUS(system(command));
}

static void await_no_group(const char *directory) {
	for (int i = 0; i < 500 && count_groups(directory); i++)
		usleep(20000);
	CHECK_EQ(count_groups(directory), 0);
}

static void give(const char *directory) {
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads" };
	char path[128];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s%s", directory, files[i]);
		CHECK_EQ(chown(path, USER, USER), 0);
	}
}

/* A group with all controllers, which belongs to the user. */
static void make_given(void) {
	write_file(ROOT "/cgroup.subtree_control", "+memory +pids +cpu +io");
	for (int i = 0; i < 500 && access(GIVEN, F_OK) == 0; i++) { /* that of the test before, whose processes end */
		rmdir(GIVEN "/session");
		rmdir(GIVEN "/bounded");
		if (rmdir(GIVEN) < 0)
			usleep(20000);
	}
	CHECK_EQ(mkdir(GIVEN, 0755), 0);
	give(GIVEN);
}

static void enter(const char *directory) {
	char path[128];

	snprintf(path, sizeof path, "%s/cgroup.procs", directory);
	write_file(path, "0");
}

static void become_user(void) {
	CHECK_EQ(setgroups(0, NULL), 0);
	CHECK_EQ(setresgid(USER, USER, USER), 0);
	CHECK_EQ(setresuid(USER, USER, USER), 0);
}

/* ---- starts ---- */

static int try_start(struct hold **ret, const char *what, const char *value, const struct hold_tree_limits *limits,
		     struct hold_error *reterr) {
	const char *argv[] = { "victim", what, value, NULL };
	const struct hold_options options = { .size = sizeof options,
					      .argv = argv,
					      .program = "/proc/self/exe",
					      .on_release = HOLD_ON_RELEASE_KILL,
					      .tree_limits = limits };

	*reterr = (struct hold_error){ .size = sizeof *reterr };
	return hold_spawn(ret, &options, reterr);
}

static struct hold *start(const char *what, const char *value, const struct hold_tree_limits *limits) {
	struct hold_error error;
	struct hold *h = NULL;
	char text[512];

	if (try_start(&h, what, value, limits, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		printf("# %s\n", text);
		check_fail(__FILE__, __LINE__, "a start");
	}
	CHECK_EQ(hold_containment(h), HOLD_CONTAIN_CGROUP);
	return h;
}

static void check_refused(const struct hold_tree_limits *limits, const char *limit) {
	struct hold_error error;
	struct hold *h;

	CHECK(try_start(&h, "exit", "0", limits, &error) < 0);
	CHECK_EQ(error.step, HOLD_AT_TREE_LIMIT);
	CHECK(strcmp(error.object, limit) == 0);
	CHECK(error.need);
	printf("# refused: %s needs %s\n", error.object, error.need);
}

static void check_end(struct hold *h, int how, int code, struct hold_tree_usage *ret) {
	struct hold_status status = { .size = sizeof status };

	ret->size = sizeof *ret;
	CHECK_EQ(hold_wait(h, hold_after_ms(30000), &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
	CHECK_EQ(hold_tree_wait(h, hold_after_ms(30000)), 0);
	CHECK_EQ(hold_tree_usage(h, ret), 0);
	hold_release(h);
}

/* The victim looks into the file of its own group. */
static void check_file(const struct hold_tree_limits *limits, const char *file_and_text) {
	struct hold_tree_usage usage;

	check_end(start("file", file_and_text, limits), HOLD_HOW_EXITED, 0, &usage);
}

static bool are_refused_here(void) {
	const struct hold_tree_limits limits = { .size = sizeof limits, .tasks = 5 };

	if (has_cgroup_kill())
		return false;
	check_refused(&limits, "tasks");
	return true;
}

/* ---- in the root group ---- */

TEST("the whole tree is killed where it takes more memory than its limit, which is counted") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB };
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	check_end(start("eat", "", &limits), HOLD_HOW_SIGNALLED, SIGKILL, &usage);
	CHECK(usage.oom_kills >= 2); /* the kernel counts the one that it chose twice */
	CHECK(usage.memory_peak_kib <= 32 * 1024);
	CHECK_EQ(usage.cpu_time_is_up, 0);
	CHECK_EQ(count_groups(ROOT), 0);
}

TEST("a limit of memory is one of swap too") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB };

	if (are_refused_here())
		return;
	check_file(&limits, "memory.max 33554432");
	check_file(&limits, "memory.swap.max 0");
	check_file(&limits, "memory.oom.group 1");
}

TEST("a tree has no more processes than its limit, and what is refused is counted") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .tasks = 5 };
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	check_end(start("fork", "20", &limits), HOLD_HOW_EXITED, 4, &usage); /* children that it could make */
	CHECK(usage.tasks_refused >= 1);
	CHECK(usage.tasks_peak == 5 || usage.tasks_peak == -1); /* before Linux 6.1 */
	check_file(&limits, "pids.max 5");
}

TEST("the processors and the weight of a tree are those of its group") {
	struct hold_tree_limits limits = { .size = sizeof limits, .milli_cpus = 1500 };

	if (are_refused_here())
		return;
	check_file(&limits, "cpu.max 150000 100000");
	limits = (struct hold_tree_limits){ .size = sizeof limits, .io_weight = 50 };
	write_file(ROOT "/cgroup.subtree_control", "+io");
	mkdir(ROOT "/probe", 0755);
	const bool has_weight = access(ROOT "/probe/io.weight", W_OK) == 0;

	rmdir(ROOT "/probe");
	printf("# io.weight: %s\n", has_weight ? "yes" : "no");
	if (has_weight)
		check_file(&limits, "io.weight default 50");
	else
		check_refused(&limits, "io_weight");
	CHECK_EQ(count_groups(ROOT), 0);
}

TEST("a tree is ended at its limit of processor time, also if each process has used less") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .cpu_time_us = 600000 };
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	check_end(start("burn", "3", &limits), HOLD_HOW_SIGNALLED, SIGTERM, &usage);
	CHECK_EQ(usage.cpu_time_is_up, 1);
	CHECK(usage.user_us + usage.system_us >= 600000);
	CHECK_EQ(usage.oom_kills, usage.memory_peak_kib < 0 ? -1 : 0);
}

TEST("what a tree has used is known where its group has the controllers") {
	const struct hold_tree_limits limits = {
		.size = sizeof limits, .memory = 256 * MIB, .tasks = 10, .milli_cpus = 1000
	};
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	check_end(start("fork", "2", &limits), HOLD_HOW_EXITED, 2, &usage);
	CHECK(usage.user_us >= 0 && usage.system_us >= 0);
	CHECK_EQ(usage.tasks_refused, 0);
	CHECK_EQ(usage.oom_kills, 0);
	CHECK_EQ(usage.signalled, 0);
	CHECK_EQ(usage.dumped, 0);
	printf("# peak %lld KiB, tasks %lld, read %lld\n", (long long)usage.memory_peak_kib,
	       (long long)usage.tasks_peak, (long long)usage.read_bytes);
}

TEST("what is left after a release has its limits until it ends") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .tasks = 5 };
	const char *argv[] = { "victim", "leave", "", NULL };
	struct hold_options options = { .size = sizeof options,
					.argv = argv,
					.program = "/proc/self/exe",
					.on_release = HOLD_ON_RELEASE_LEAVE,
					.out = { .kind = HOLD_STDIO_PIPE },
					.tree_limits = &limits };
	struct hold *h;
	char byte, text[64];
	int out;

	if (are_refused_here())
		return;
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(30000), NULL), 0);
	out = hold_stream_take(h, HOLD_STDOUT);
	hold_release(h);
	CHECK_EQ(count_groups(ROOT), 1);
	CHECK_EQ(read(out, text, sizeof text), 3); /* what is left writes its pids.max */
	CHECK(memcmp(text, "5\n.", 3) == 0);
	CHECK_EQ(read(out, &byte, 1), 0);
	close(out);
	await_no_group(ROOT);
	hold_orphans_reap(NULL, NULL); /* the keeper */
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* ---- an ordinary user ---- */

TEST("a user who is alone in a delegated group limits trees beside itself, and goes back") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB, .tasks = 10 };
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	make_given();
	enter(GIVEN);
	become_user();
	check_refused(&limits, "memory");
	CHECK_EQ(hold_group_split(1), 0);
	CHECK_EQ(hold_group_split(1), 0);
	CHECK(strstr(read_text("/proc/self/cgroup"), "0::/given/pidhold.caller-"));
	check_end(start("eat", "", &limits), HOLD_HOW_SIGNALLED, SIGKILL, &usage);
	CHECK(usage.oom_kills >= 2);
	CHECK_EQ(hold_group_split(0), 0);
	CHECK(strstr(read_text("/proc/self/cgroup"), "0::/given\n"));
	CHECK_EQ(count_groups(GIVEN), 0);
	CHECK(!*read_text(GIVEN "/cgroup.subtree_control"));
	CHECK_EQ(hold_group_split(0), 0);
}

/* As hold run --detach does it. */
TEST("a caller that has moved may fork, its child limits trees, and the last of both goes back") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 64 * MIB };
	struct hold_tree_usage usage;
	int child, status;

	if (are_refused_here())
		return;
	make_given();
	enter(GIVEN);
	become_user();
	CHECK_EQ(hold_group_split(1), 0);
	child = fork();
	if (child == 0) {
		CHECK_EQ(hold_group_split(1), 0);
		check_end(start("exit", "3", &limits), HOLD_HOW_EXITED, 3, &usage);
		_exit(hold_group_split(0) == -EBUSY ? 0 : 1);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK_EQ(hold_group_split(0), 0);
	CHECK_EQ(count_groups(GIVEN), 0);
	CHECK(!*read_text(GIVEN "/cgroup.subtree_control"));
}

TEST("a user who is not alone is refused, and nothing is left or changed") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB };
	int other;

	if (are_refused_here())
		return;
	make_given();
	enter(GIVEN);
	become_user();
	other = fork();
	if (other == 0)
		for (;;)
			pause();
	CHECK_EQ(hold_group_split(1), -EBUSY);
	check_refused(&limits, "memory");
	CHECK_EQ(count_groups(GIVEN), 0);
	CHECK(!*read_text(GIVEN "/cgroup.subtree_control"));
	CHECK(strstr(read_text("/proc/self/cgroup"), "0::/given\n"));
	kill(other, SIGKILL);
	CHECK_EQ(waitpid(other, NULL, 0), other);
}

TEST("a user in a group of another one is refused") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .tasks = 5 };

	if (are_refused_here())
		return;
	make_given();
	CHECK_EQ(chown(GIVEN, 0, 0), 0);
	CHECK_EQ(chown(GIVEN "/cgroup.subtree_control", 0, 0), 0);
	enter(GIVEN);
	become_user();
	CHECK(hold_group_split(1) == -EACCES);
	check_refused(&limits, "tasks");
	CHECK_EQ(count_groups(GIVEN), 0);
}

TEST("a group beside the caller's serves where the one above is the user's, unless it would leave a bound behind") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB };
	struct hold_tree_usage usage;

	if (are_refused_here())
		return;
	make_given();
	write_file(GIVEN "/cgroup.subtree_control", "+memory +pids");
	mkdir(GIVEN "/session", 0755);
	give(GIVEN "/session");
	enter(GIVEN "/session");
	become_user();
	check_end(start("eat", "", &limits), HOLD_HOW_SIGNALLED, SIGKILL, &usage);
	CHECK_EQ(count_groups(GIVEN), 0);
	CHECK_EQ(count_groups(GIVEN "/session"), 0);
}

TEST("no group is made beside one that has a limit") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 32 * MIB };

	if (are_refused_here())
		return;
	make_given();
	write_file(GIVEN "/cgroup.subtree_control", "+memory +pids");
	mkdir(GIVEN "/bounded", 0755);
	give(GIVEN "/bounded");
	write_file(GIVEN "/bounded/pids.max", "50");
	enter(GIVEN "/bounded");
	become_user();
	check_refused(&limits, "memory");
	CHECK_EQ(count_groups(GIVEN), 0);
	CHECK_EQ(count_groups(GIVEN "/bounded"), 0);
}

/* The caller is a child, which is killed; the keeper is the last process in its leaf. */
TEST("if the caller is killed the tree ends, and its keeper puts the delegated group back") {
	const struct hold_tree_limits limits = { .size = sizeof limits, .memory = 64 * MIB };
	int ends[2], status, caller;
	char byte;

	if (are_refused_here())
		return;
	make_given();
	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	caller = fork();
	if (caller == 0) {
		enter(GIVEN);
		become_user();
		if (hold_group_split(1) == 0) {
			struct hold *h = start("pause", "", &limits);

			if (h && write(ends[1], "r", 1) == 1)
				for (;;)
					pause();
		}
		_exit(1);
	}
	close(ends[1]);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	CHECK_EQ(count_groups(GIVEN), 2);
	CHECK(strstr(read_text(GIVEN "/cgroup.subtree_control"), "memory"));
	kill(caller, SIGKILL);
	CHECK_EQ(waitpid(caller, &status, 0), caller);
	await_no_group(GIVEN);
	for (int i = 0; i < 500 && strchr(read_text(GIVEN "/cgroup.events"), '1'); i++)
		usleep(20000);
	CHECK(!*read_text(GIVEN "/cgroup.subtree_control"));
	close(ends[0]);
}

/* ---- the victims ---- */

static int eat(void) {
	enum { STEP = 1 << 20 };

	if (fork() == 0)
		for (;;)
			pause();
	for (int i = 0; i < 512; i++) {
		char *memory = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			return 1;
		memset(memory, i + 1, STEP);
	}
	return 0;
}

/* Returns how many children there could be at a time. */
static int fork_some(int count) {
	int made = 0, ends[2];
	char byte;

	if (pipe(ends) < 0)
		return 100;
	for (int i = 0; i < count; i++) {
		const int pid = fork();

		if (pid == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
		made += pid > 0;
	}
	close(ends[1]);
	while (wait(NULL) > 0)
		;
	return made;
}

static int burn(int count) {
	for (int i = 1; i < count; i++) {
		if (fork() == 0)
			break;
	}
	alarm(60);
	for (volatile unsigned i = 0; alarm(60); i++)
		;
	return 1;
}

static const char *own_file(const char *name) {
	static char path[512];
	char text[256] = "";

	snprintf(text, sizeof text, "%s", read_text("/proc/self/cgroup"));
	const char *group = strstr(text, "0::");

	snprintf(path, sizeof path, ROOT "%.*s/%s", group ? (int)strcspn(group + 3, "\n") : 0, group ? group + 3 : "",
		 name);
	return path;
}

/* "memory.max 100": whether the file of the own group begins with that text. */
static int look_at_file(const char *file_and_text) {
	char name[64] = "";
	const char *text = strchr(file_and_text, ' ');

	snprintf(name, sizeof name, "%.*s", (int)(text - file_and_text), file_and_text);
	return strncmp(read_text(own_file(name)), text + 1, strlen(text + 1)) != 0;
}

/* The child goes on when its parent has ended for a while. */
static int leave(void) {
	if (fork() > 0)
		return 0;
	sleep(1);
	printf("%s.", read_text(own_file("pids.max")));
	return 0;
}

static int be_victim(const char *what, const char *value) {
	if (strcmp(what, "exit") == 0)
		return atoi(value);
	if (strcmp(what, "eat") == 0)
		return eat();
	if (strcmp(what, "fork") == 0)
		return fork_some(atoi(value));
	if (strcmp(what, "burn") == 0)
		return burn(atoi(value));
	if (strcmp(what, "file") == 0)
		return look_at_file(value);
	if (strcmp(what, "leave") == 0)
		return leave();
	alarm(60);
	for (;;)
		pause();
}

int main(int argc, char **argv) {
	if (argc == 3)
		return be_victim(argv[1], argv[2]);
	return check_run("");
}
