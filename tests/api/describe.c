/* SPDX-License-Identifier: ISC */
/* hold_describe: each field is what the system says, whatever the process is called and whoever started it. */
#include "children.h"

#include <stddef.h>

static struct hold_description describe(const struct hold *h) {
	struct hold_description description = { .size = sizeof description };

	CHECK_EQ(hold_describe(h, &description), 0);
	CHECK_EQ(description.size, sizeof description);
	CHECK_EQ(description.pid, hold_pid(h));
	CHECK(memchr(description.command, 0, sizeof description.command));
	return description;
}

static struct hold *start_sleeper(uint64_t flags) {
	struct hold_options options = {
		/* should this test fail: it may not be in its group */
		.flags = flags,
		.on_release = HOLD_ON_RELEASE_KILL,
		.parent_death_signal = SIGKILL,
	};

	return start_with(ARGV("/bin/sleep", "1000", "0"), &options);
}

/* Until the process is in that state, which it is going to be in. */
static struct hold_description await_state(const struct hold *h, char state) {
	struct hold_description description;

	do {
		description = describe(h);
		sched_yield();
	} while (description.state != state);
	return description;
}

TEST("parent, group, session, user, state, threads and command are what the system says") {
	struct hold *h = start_sleeper(0);
	struct hold_description description = await_state(h, 'S');

	CHECK_EQ(description.parent, getpid());
	CHECK_EQ(description.group, getpgid(0));
	CHECK_EQ(description.session, getsid(0));
	CHECK_EQ(description.user, geteuid());
	CHECK_EQ(description.niceness, getpriority(PRIO_PROCESS, 0));
	CHECK_EQ(description.threads, 1);
	CHECK_STRING(description.command, "/bin/sleep 1000 0");
	hold_release(h);
}

TEST("group and session are the process's own where it leads them") {
	struct hold *leads_group = start_sleeper(HOLD_NEW_GROUP), *leads_session = start_sleeper(HOLD_NEW_SESSION);

	CHECK_EQ(describe(leads_group).group, hold_pid(leads_group));
	CHECK_EQ(describe(leads_group).session, getsid(0));
	CHECK_EQ(describe(leads_session).group, hold_pid(leads_session));
	CHECK_EQ(describe(leads_session).session, hold_pid(leads_session));
	hold_release(leads_group);
	hold_release(leads_session);
}

TEST("all threads are counted, and the niceness is the first one's") {
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE }, .on_release = HOLD_ON_RELEASE_KILL };
	struct hold *h;
	int niceness;

	if (getpriority(PRIO_PROCESS, 0) > 16)
		SKIP("the niceness is too high already");
	h = start_with(ARGV(THREADS_ACTOR, "5"), &options);
	expect(hold_stream(h, 1), "ready\n");
	CHECK_EQ(describe(h).threads, 5);
	CHECK_EQ(describe(h).niceness, getpriority(PRIO_PROCESS, 0));
	CHECK_EQ(hold_renice(h, 3, &niceness, NULL), 0);
	CHECK_EQ(describe(h).niceness, niceness);
	CHECK_EQ(niceness, getpriority(PRIO_PROCESS, 0) + 3);
	hold_release(h);
}

TEST("a process that was stopped is in state T, and one that has ended and was not waited for in state Z") {
	struct hold *h = start_sleeper(0);
	struct hold_description description;

	CHECK_EQ(hold_signal(h, SIGSTOP), 0);
	await_state(h, 'T');
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	description = await_state(h, 'Z');
	CHECK_EQ(description.parent, getpid());
	CHECK_STRING(description.command, "[sleep]");
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

TEST("one that was waited for is HOLD_GONE, and nothing is handed out") {
	struct hold_description description = { .size = sizeof description, .pid = 77, .command = "as it was" };
	struct hold *h = start(SHELL("exit 0"));

	check_status(h, HOLD_HOW_EXITED, 0);
	CHECK_EQ(hold_describe(h, &description), HOLD_GONE);
	CHECK_EQ(description.pid, 77);
	CHECK_STRING(description.command, "as it was");
	hold_release(h);
}

/* What a process is called may look like the fields that follow it. */
TEST("a name with spaces, parentheses and what looks like fields leads nobody astray") {
	char directory[] = "/tmp/pidhold-name-XXXXXX", path[64];
	struct hold_options options = { .program = path,
					.on_release = HOLD_ON_RELEASE_KILL,
					.contain = HOLD_CONTAIN_NONE };
	struct hold_description description;
	struct hold *h;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/) R 1 2 3 (a", directory);
	CHECK_EQ(symlink("/bin/sleep", path), 0);
	h = start_with(ARGV("sleep", "1000"), &options);
	description = await_state(h, 'S');
	CHECK_EQ(description.parent, getpid());
	CHECK_EQ(description.group, getpgid(0));
	CHECK_EQ(description.session, getsid(0));
	CHECK_EQ(description.threads, 1);
	CHECK_STRING(description.command, "sleep 1000");
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	CHECK_STRING(await_state(h, 'Z').command, "[) R 1 2 3 (a]");
	hold_release(h);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(rmdir(directory), 0);
}

TEST("a command that is longer than its place is cut") {
	struct hold_options options = { .on_release = HOLD_ON_RELEASE_KILL };
	struct hold_description description;
	char argument[1024], wanted[2048];
	struct hold *h;

	memset(argument, '0', sizeof argument - 1); /* seconds more to sleep */
	argument[sizeof argument - 1] = 0;
	h = start_with(ARGV("/bin/sleep", "1000", argument), &options);
	description = await_state(h, 'S');
	snprintf(wanted, sizeof wanted, "/bin/sleep 1000 %s", argument);
	CHECK_EQ(strlen(description.command), sizeof description.command - 1);
	CHECK(!strncmp(description.command, wanted, sizeof description.command - 1));
	hold_release(h);
}

static struct hold *adopt(int64_t pid) {
	struct hold *h;
	int error = hold_adopt(&h, pid);

	if (error == -ENOSYS || error == -EPERM)
		SKIP("no process descriptors on this system");
	CHECK_EQ(error, 0);
	return h;
}

TEST("an adopted process is described as a child is, the caller itself too") {
	struct hold *h = adopt(getpid());
	struct hold_description description = describe(h);

	CHECK_EQ(description.parent, getppid());
	CHECK_EQ(description.group, getpgid(0));
	CHECK_EQ(description.session, getsid(0));
	CHECK_EQ(description.user, geteuid());
	CHECK_EQ(description.state, 'R');
	hold_release(h);
}

TEST("a thread of the kernel's, which has no arguments, is told by its name in brackets") {
	struct hold_description description;
	char name[32] = "";
	struct hold *h;
	int fd = open("/proc/2/comm", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		read_all(fd, name, sizeof name);
		close(fd);
	}
	if (strcmp(name, "kthreadd\n"))
		SKIP("no thread of the kernel's is to be seen here");
	h = adopt(2);
	description = describe(h);
	CHECK_STRING(description.command, "[kthreadd]");
	CHECK_EQ(description.parent, 0);
	CHECK_EQ(description.user, 0);
	hold_release(h);
}

/* Of one that changed its user without a new program since, the files in /proc are root's. */
static void describe_changed_user(void) {
	int told[2], pid;
	struct hold *h;
	char byte;

	if (geteuid() != 0)
		SKIP("only root may become another user");
	CHECK_EQ(pipe2(told, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (setresuid(1, 65534, 1))
			_exit(1);
		if (write(told[1], "", 1) != 1)
			_exit(2);
		for (;;)
			pause();
	}
	close(told[1]);
	if (read(told[0], &byte, 1) != 1)
		SKIP("this root cannot become another user");
	h = adopt(pid);
	CHECK_EQ(describe(h).user, 65534);
	end_sleeper(pid);
	hold_release(h);
}

TEST("the user is the effective one, of one that changed it as well") {
	in_child(describe_changed_user);
}

TEST("of a description no more is written than its size, and from what is unknown nothing is taken") {
	struct {
		struct hold_description description;
		char more[16];
	} longer = { .description = { .size = sizeof longer } };
	struct hold_description description = { .size = offsetof(struct hold_description, user),
						.user = 77,
						.threads = 78,
						.state = 'x',
						.command = "as it was" };
	struct hold *h = start_sleeper(0);

	CHECK_EQ(hold_describe(h, &description), 0);
	CHECK_EQ(description.parent, getpid());
	CHECK_EQ(description.user, 77);
	CHECK_EQ(description.threads, 78);
	CHECK_EQ(description.state, 'x');
	CHECK_STRING(description.command, "as it was");
	CHECK_EQ(hold_describe(h, &longer.description), 0);
	CHECK_EQ(longer.description.parent, getpid());
	description.size = 0;
	CHECK_EQ(hold_describe(h, &description), -EINVAL);
	CHECK_EQ(hold_describe(h, NULL), -EINVAL);
	CHECK_EQ(hold_describe(NULL, &description), -EINVAL);
	hold_release(h);
}

static struct hold *shared;

static void describe_in_child(void) {
	struct hold_description description = { .size = sizeof description };

	CHECK_EQ(hold_describe(shared, &description), -ECHILD);
}

TEST("a hold of the forking process's is -ECHILD, and errno is left alone") {
	shared = start_sleeper(0);
	in_child(describe_in_child);
	errno = 77;
	describe(shared);
	CHECK_EQ(errno, 77);
	hold_release(shared);
}

CHECK_MAIN
