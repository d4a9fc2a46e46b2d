/* SPDX-License-Identifier: ISC */
/*
 * Start, wait and signal on whatever kernel this runs on, in one static program that is its own victim. What a kernel
 * cannot do is taken from hold_caps, and then the documented answer is asked for: nothing is passed over.
 */
#include "../check.h"
#include "../start-info.h"

#include <pidhold.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

static bool has(const char *name) {
	struct hold_cap cap = { .size = sizeof cap };

	for (size_t i = 0; hold_caps(i, &cap) == 0; i++) {
		if (strcmp(cap.name, name) == 0)
			return cap.supported;
	}
	check_fail(__FILE__, __LINE__, "a capability of that name");
	return false;
}

static struct hold *start(const char *what, const char *value, struct hold_options *options) {
	const char *argv[] = { "victim", what, value, NULL };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	options->size = sizeof *options;
	options->program = "/proc/self/exe";
	options->argv = argv;
	if (hold_spawn(&h, options, &error) < 0) {
		printf("# %s %s: %s\n", hold_step_name(error.step), error.object, strerror(-error.code));
		check_fail(__FILE__, __LINE__, "a start");
	}
	return h;
}

static void check_end(struct hold *h, int how, int code) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, hold_after_ms(10000), &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
	hold_release(h);
}

TEST("a status comes back, twice the same") {
	struct hold_options options = { 0 };
	struct hold *h = start("exit", "42", &options);

	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	check_end(h, HOLD_HOW_EXITED, 42);
}

TEST("a child on a terminal of its own") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .terminal = &terminal };

	check_end(start("terminal", "", &options), HOLD_HOW_EXITED, 0);
}

TEST("exactly the named descriptors, by a copied table and by a cut one") {
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), high = fcntl(file, F_DUPFD, 50);
	const struct hold_pass pass[] = { { high, 5 }, { file, 8 } };
	struct hold_options options = { .pass = pass, .pass_count = 2 };

	check_end(start("descriptors", "", &options), HOLD_HOW_EXITED, 0);
	check_end(start("descriptors", "", &options), HOLD_HOW_EXITED, 0);
	close(high);
	close(file);
}

TEST("a failed start names its step and leaves nothing") {
	const char *argv[] = { "/nope", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(hold_spawn(&h, &options, &error), -ENOENT);
		CHECK_EQ(error.step, HOLD_AT_PROGRAM);
		options.directory = "/nowhere";
		CHECK_EQ(hold_spawn(&h, &options, &error), -ENOENT);
		CHECK_EQ(error.step, HOLD_AT_DIRECTORY);
		options.directory = NULL;
	}
}

TEST("a deadline passes, a signal ends it, and later ones reach nobody") {
	struct hold_options options = { 0 };
	struct hold *h = start("pause", "", &options);

	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(30), NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGTERM), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(10000), NULL), 0);
	CHECK_EQ(hold_signal(h, SIGTERM), HOLD_GONE);
	check_end(h, HOLD_HOW_SIGNALLED, SIGTERM);
}

TEST("the group that a child leads, while it lives and after its end") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP, .contain = HOLD_CONTAIN_NONE };
	struct hold *h = start("pause", "", &options);

	CHECK_EQ(hold_group_signal(h, SIGTERM), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(10000), NULL), 0);
	CHECK_EQ(hold_group_signal(h, SIGTERM), has("group-signal") ? -ESRCH : -ENOSYS);
	check_end(h, HOLD_HOW_SIGNALLED, SIGTERM);
}

TEST("a ladder ends what ignores its first signal") {
	const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = 100 }, { .signal = SIGKILL } };
	struct hold_options options = { .keep_ignored = HOLD_SIGNAL_BIT(SIGTERM) };
	struct hold *h;

	signal(SIGTERM, SIG_IGN);
	h = start("pause", "", &options);
	signal(SIGTERM, SIG_DFL);
	CHECK_EQ(hold_stop(h, ladder, 2), 0);
	check_end(h, HOLD_HOW_SIGNALLED, SIGKILL);
}

TEST("a reference names a process, and none that ended") {
	struct hold_options options = { 0 };
	struct hold *h = start("pause", "", &options), *other;
	char text[96];

	CHECK(hold_reference(h, text, sizeof text) > 0);
	printf("# %s\n", text);
	CHECK_EQ(hold_adopt_reference(&other, text), 0);
	CHECK_EQ(hold_signal(other, SIGKILL), 0);
	hold_release(other);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	CHECK_EQ(hold_adopt_reference(&other, text), HOLD_GONE);
	hold_release(h);
}

TEST("with SIGCHLD ignored the status is known where the kernel tells, else it is unknown") {
	struct hold_options options = { .contain = HOLD_CONTAIN_NONE };
	struct hold *h;

	signal(SIGCHLD, SIG_IGN);
	h = start("exit", "7", &options);
	if (has("status"))
		check_end(h, HOLD_HOW_EXITED, 7);
	else
		check_end(h, HOLD_HOW_UNKNOWN, -1);
	signal(SIGCHLD, SIG_DFL);
}

TEST("a set tells of each end once") {
	struct hold_options options = { .contain = HOLD_CONTAIN_NONE };
	struct hold_waitset *set;
	struct hold *h;
	int ends = 0;

	CHECK_EQ(hold_waitset_new(&set), 0);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(hold_waitset_add(set, start("exit", "3", &options), NULL), 0);
	while (hold_waitset_next(set, hold_after_ms(10000), &h, NULL) == 0) {
		ends++;
		check_end(h, HOLD_HOW_EXITED, 3);
	}
	CHECK_EQ(ends, 10);
	hold_waitset_free(set);
}

TEST("a fork on a terminal") {
	int master, threads, status;
	int pid = hold_forkpty(&master, &threads, NULL);

	if (pid == 0)
		_exit(isatty(0) && isatty(2) ? 0 : 1);
	CHECK(pid > 0);
	CHECK_EQ(threads, 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	close(master);
}

static int count_descriptors(void) {
	int wrong = 0;

	for (int fd = 0; fd < 1000; fd++)
		wrong += (fcntl(fd, F_GETFD) >= 0) != (fd <= 2 || fd == 5 || fd == 8);
	return wrong;
}

static int be_victim(const char *what, const char *value) {
	if (strcmp(what, "exit") == 0)
		return atoi(value);
	if (strcmp(what, "terminal") == 0)
		return !(isatty(0) && getsid(0) == getpid() && tcgetpgrp(0) == getpid());
	if (strcmp(what, "descriptors") == 0)
		return count_descriptors();
	if (strcmp(what, "daemon") == 0) {
		if (fork() > 0)
			return atoi(value);
		setsid();
		if (fork() > 0)
			return 0;
		if (write(3, "r", 1) != 1)
			return 1;
	}
	alarm(60);
	for (;;)
		pause();
}

TEST("a high descriptor passes, from a table that is cut low where the kernel can") {
	const struct hold_pass pass = { fcntl(1, F_DUPFD_CLOEXEC, 700), 5 };
	struct hold_options options = { .pass = &pass, .pass_count = 1, .contain = HOLD_CONTAIN_NONE };
	struct hold_options first = { .contain = HOLD_CONTAIN_NONE }; /* which copies; a keeper cuts in any case */
	struct hold *h;

	CHECK(pass.fd >= 700);
	check_end(start("exit", "1", &first), HOLD_HOW_EXITED, 1);
	h = start("exit", "3", &options);
	CHECK_EQ(table_of(h), has("table") ? HOLD_TABLE_FETCHED : HOLD_TABLE_COPIED);
	check_end(h, HOLD_HOW_EXITED, 3);
	close(pass.fd);
}

TEST("a start that hangs is late, and one that does not is not") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_FILE, .path = "kernel-basics-fifo" } };
	struct hold *h;

	CHECK(mkfifo("kernel-basics-fifo", 0600) == 0);
	options.size = sizeof options;
	options.program = "/proc/self/exe";
	options.argv = (const char *const[]){ "victim", "exit", "0", NULL };
	options.start_deadline = hold_after_ms(3000);
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ETIMEDOUT);
	unlink("kernel-basics-fifo");
	options = (struct hold_options){ .start_deadline = hold_after_ms(60000) };
	check_end(start("exit", "4", &options), HOLD_HOW_EXITED, 4);
}

/* In the root group the file is not, in every other one it is: Linux 5.14. */
static bool has_cgroup_kill(void) {
	struct utsname system;
	int major = 0, minor = 0;

	uname(&system);
	sscanf(system.release, "%d.%d", &major, &minor);
	return major > 5 || (major == 5 && minor >= 14);
}

/* Whoever lives of the tree has the other end of the pipe. */
static void contain(int32_t way) {
	int ends[2];
	struct hold_pass pass = { .as = 3 };
	struct hold_options options = {
		.contain = way, .pass = &pass, .pass_count = 1, .on_release = HOLD_ON_RELEASE_KILL
	};
	struct hold *h;
	char byte;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pass.fd = ends[1];
	h = start("daemon", "7", &options);
	close(ends[1]);
	CHECK_EQ(hold_containment(h), way);
	CHECK_EQ(read(ends[0], &byte, 1), 1); /* the daemon's */
	check_end(h, HOLD_HOW_EXITED, 7);
	CHECK_EQ(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

TEST("a daemon that forked twice ends with the hold, by a keeper") {
	CHECK(has("keeper"));
	contain(HOLD_CONTAIN_KEEPER);
}

TEST("so it does in a PID namespace") {
	contain(HOLD_CONTAIN_PIDNS);
}

TEST("so it does in a control group, where the kernel kills one at once") {
	const char *const argv[] = { "true", NULL };
	struct hold_options options = {
		.size = sizeof options, .argv = argv, .program = "/proc/self/exe", .contain = HOLD_CONTAIN_CGROUP
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	if (access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 && has_cgroup_kill()) {
		contain(HOLD_CONTAIN_CGROUP);
		return;
	}
	if (hold_spawn(&h, &options, &error) < 0)
		CHECK_EQ(error.step, HOLD_AT_CONTAINMENT);
	else /* they are mounted elsewhere */
		hold_release(h);
}

/* For tests/platforms, which writes docs/platforms.md. */
static void print_caps(void) {
	struct hold_cap cap = { .size = sizeof cap };

	for (size_t i = 0; hold_caps(i, &cap) == 0; i++)
		printf("# cap %s\t%s\t%s\t%s\n", cap.supported ? "yes" : "no", cap.name, cap.mechanism,
		       cap.need ? cap.need : "");
}

int main(int argc, char **argv) {
	struct utsname system;

	if (argc == 3)
		return be_victim(argv[1], argv[2]);
	uname(&system);
	printf("# Linux %s %s\n", system.release, system.machine);
	print_caps();
	return check_run("");
}
