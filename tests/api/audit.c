/* SPDX-License-Identifier: ISC */
/* Audit hooks: what each act tells, in which order, and that what a hook forbids does not happen. */
#include "children.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define NOBODY INT_MAX /* a pid that no process has */

/* What was told, oldest first, by all recording hooks. */
enum { KEPT = 64 };
static struct {
	int hook; /* which one was told */
	struct hold_event event;
	pthread_t thread;
} told[KEPT];
static int told_count;

static int record(void *hook, const struct hold_event *event) {
	CHECK(told_count < KEPT);
	told[told_count].hook = *(const int *)hook;
	told[told_count].event = *event;
	told[told_count++].thread = pthread_self();
	return 0;
}

static const int first = 1, second = 2;

static void add(hold_audit_hook *hook, const void *context) {
	CHECK_EQ(hold_audit_add(hook, (void *)(uintptr_t)context), 0);
}

static void check_told(int index, const char *name, size_t count, int64_t one, int64_t other) {
	const struct hold_event *event = &told[index].event;

	CHECK(index < told_count);
	CHECK_STRING(event->name, name);
	CHECK_EQ(event->size, sizeof *event);
	CHECK_EQ(event->count, count);
	CHECK_EQ(event->numbers[0], one);
	CHECK_EQ(event->numbers[1], other);
	if (strcmp(name, "pidhold.spawn")) {
		CHECK(!event->program);
		CHECK(!event->argv);
	}
}

/* The only event since the last call of this. */
static void check_only(const char *name, size_t count, int64_t one, int64_t other) {
	CHECK_EQ(told_count, 1);
	check_told(0, name, count, one, other);
	told_count = 0;
}

TEST("os.kill tells pid and signal") {
	add(record, &first);
	CHECK_EQ(hold_kill(getpid(), 0), 0);
	check_only("os.kill", 2, getpid(), 0);
	CHECK_EQ(hold_kill(NOBODY, SIGKILL), -ESRCH); /* told before the system call, so of what will fail as well */
	check_only("os.kill", 2, NOBODY, SIGKILL);
	CHECK_EQ(hold_kill(-NOBODY, 0), -ESRCH);
	check_only("os.kill", 2, -NOBODY, 0);
}

TEST("os.killpg tells group and signal") {
	add(record, &first);
	CHECK_EQ(hold_killpg(0, 0), 0);
	check_only("os.killpg", 2, 0, 0);
	CHECK_EQ(hold_killpg(NOBODY, SIGKILL), -ESRCH);
	check_only("os.killpg", 2, NOBODY, SIGKILL);
}

TEST("signal.pthread_kill tells thread and signal") {
	add(record, &first);
	CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), 0), 0);
	check_only("signal.pthread_kill", 2, (int64_t)(uintptr_t)pthread_self(), 0);
}

TEST("os.forkpty tells its name alone") {
	int master, pid;

	add(record, &first);
	pid = hold_forkpty(&master, NULL, NULL);
	if (pid == 0)
		_exit(told_count == 1 ? 0 : 1);
	CHECK(pid > 0);
	check_only("os.forkpty", 0, 0, 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(master);
}

TEST("hold_nice and hold_pidfd_open tell nothing") {
	int pidfd;

	add(record, &first);
	CHECK_EQ(hold_nice(0, NULL), 0);
	pidfd = hold_pidfd_open(getpid(), 0);
	if (pidfd >= 0)
		close(pidfd);
	CHECK_EQ(told_count, 0);
}

TEST("pidhold.spawn tells the file that will be executed and the arguments") {
	const char *const argv[] = { "another-name", "-c", "exit 3", NULL };
	struct hold_options options = { .program = "sh", .env = ARGV("PATH=/nowhere:/bin") };
	struct hold *h;

	add(record, &first);
	h = start_with(argv, &options);
	check_told(0, "pidhold.spawn", 0, 0, 0);
	CHECK_EQ(told_count, 1);
	CHECK(told[0].event.program);
	CHECK(told[0].event.argv == argv);
	check_status(h, HOLD_HOW_EXITED, 3);
	hold_release(h);
}

static char program[PATH_MAX];

static int copy_program(void *context, const struct hold_event *event) {
	(void)context;
	if (event->program)
		strcpy(program, event->program);
	return 0;
}

TEST("the file told has its directory from PATH") {
	struct hold_options options = { .env = ARGV("PATH=/nowhere:/bin") };
	struct hold *h;

	add(copy_program, NULL);
	h = start_with(ARGV("true"), &options);
	CHECK_STRING(program, "/bin/true");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("acts on a hold tell its pid") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP };
	struct hold *h = start_with(SHELL("exec sleep 20"), &options);
	int64_t pid = hold_pid(h);

	add(record, &first);
	CHECK_EQ(hold_signal(h, 0), 0);
	check_only("pidhold.signal", 2, pid, 0);
	CHECK_EQ(hold_group_signal(h, 0), 0);
	check_only("pidhold.signal", 2, -pid, 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(told_count, 0);
	CHECK_EQ(hold_group_signal(h, SIGKILL), 0);
	check_only("pidhold.signal", 2, -pid, SIGKILL);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	CHECK_EQ(hold_signal(h, SIGTERM), HOLD_GONE);
	check_only("pidhold.signal", 2, pid, SIGTERM);
	hold_release(h);
	CHECK_EQ(told_count, 0);
}

TEST("pidhold.stop is told once for a ladder of many steps, and its signals are not told") {
	const struct hold_rung ladder[] = { { SIGTERM, 0, 0 }, { SIGHUP, 0, 0 }, { SIGINT, 0, 0 }, { SIGKILL, 0, 0 } };
	const struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold_options given = options;
	struct hold *h = start_with(ARGV(ACTOR("ignore"), "15", "1", "2"), &given);

	await(hold_stream(h, 1), "ready");
	add(record, &first);
	CHECK_EQ(hold_stop(h, ladder, 4), 0);
	check_only("pidhold.stop", 1, hold_pid(h), 0);
	hold_release(h);
}

TEST("pidhold.adopt tells the pid, however the process was named") {
	int pid = fork_sleeper(), pidfd;
	char reference[80];
	struct hold *h;

	if (hold_adopt(&h, pid) == -ENOSYS) {
		end_sleeper(pid);
		SKIP("no process descriptors on this system");
	}
	CHECK(hold_reference(h, reference, sizeof reference) > 0);
	hold_release(h);
	add(record, &first);
	CHECK_EQ(hold_adopt(&h, pid), 0);
	check_only("pidhold.adopt", 1, pid, 0);
	hold_release(h);
	pidfd = hold_pidfd_open(pid, 0);
	CHECK_EQ(hold_adopt_fd(&h, pidfd), 0);
	check_only("pidhold.adopt", 1, pid, 0);
	hold_release(h);
	close(pidfd);
	CHECK_EQ(hold_adopt_reference(&h, reference), 0);
	check_only("pidhold.adopt", 1, pid, 0);
	hold_release(h);
	CHECK_EQ(hold_adopt(&h, NOBODY), -ESRCH);
	check_only("pidhold.adopt", 1, NOBODY, 0);
	end_sleeper(pid);
}

TEST("arguments that are refused are told to nobody") {
	struct hold_options options = { .size = sizeof options, .argv = ARGV("true"), .flags = UINT64_C(1) << 63 };
	const struct hold_rung none[] = { { SIGTERM, 0, -1 } };
	struct hold *h = start(SHELL("exec sleep 20")), *other;
	int master;

	add(record, &first);
	CHECK_EQ(hold_spawn(&other, &options, NULL), -EINVAL);
	CHECK_EQ(hold_kill(INT64_MAX, 0), -EINVAL);
	CHECK_EQ(hold_killpg(-1, 0), -EINVAL);
	CHECK_EQ(hold_adopt(&other, 0), -EINVAL);
	CHECK_EQ(hold_adopt(&other, -1), -EINVAL);
	CHECK_EQ(hold_adopt(&other, INT64_C(1) << 32), -EINVAL);
	CHECK_EQ(hold_adopt(NULL, getpid()), -EINVAL);
	CHECK_EQ(hold_adopt_fd(&other, -1), -EBADF);
	CHECK_EQ(hold_adopt_fd(&other, 0), -EBADF);
	CHECK_EQ(hold_adopt_reference(&other, "1:"), -EINVAL);
	CHECK_EQ(hold_signal(h, -1), -EINVAL);
	CHECK_EQ(hold_group_signal(h, -1), -EINVAL);
	CHECK_EQ(hold_signal(NULL, 0), -EINVAL);
	CHECK_EQ(hold_stop(h, none, 1), -EINVAL);
	CHECK_EQ(hold_stop(h, none, 0), -EINVAL);
	CHECK_EQ(hold_forkpty(NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_forkpty(&master, NULL, &(struct hold_forkpty_options){ .size = 0 }), -EINVAL);
	CHECK_EQ(told_count, 0);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	CHECK_EQ(told_count, 1);
	wait_for(h);
	hold_release(h);
}

static int forbid(void *code, const struct hold_event *event) {
	(void)event;
	return *(const int *)code;
}

static const int canceled = -ECANCELED;

TEST("hooks are told in the order in which they were added, up to the first that forbids") {
	static const int third = 3;

	add(record, &first);
	add(record, &second);
	CHECK_EQ(hold_kill(getpid(), 0), 0);
	CHECK_EQ(told_count, 2);
	CHECK_EQ(told[0].hook, 1);
	CHECK_EQ(told[1].hook, 2);
	add(forbid, &canceled);
	add(record, &third);
	told_count = 0;
	CHECK_EQ(hold_kill(getpid(), SIGKILL), -ECANCELED);
	CHECK_EQ(told_count, 2);
}

TEST("the same hook may be added twice, and is then told twice") {
	add(record, &first);
	add(record, &first);
	CHECK_EQ(hold_killpg(0, 0), 0);
	CHECK_EQ(told_count, 2);
}

TEST("the answer of the first hook that forbids is the error") {
	static const int einprogress = -EINPROGRESS;

	add(forbid, &einprogress);
	add(forbid, &canceled);
	CHECK_EQ(hold_killpg(0, SIGKILL), -EINPROGRESS);
}

TEST("a signal that is forbidden is not sent") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV(ACTOR("tell-signals")), &options);
	pthread_t self = pthread_self();
	int pid = (int)hold_pid(h);
	char text[64];

	await(hold_stream(h, 1), "ready\n");
	add(forbid, &canceled);
	CHECK_EQ(hold_kill(pid, SIGUSR1), -ECANCELED);
	CHECK_EQ(hold_killpg(pid, SIGUSR1), -ECANCELED);
	CHECK_EQ(hold_signal(h, SIGUSR1), -ECANCELED);
	CHECK_EQ(hold_group_signal(h, SIGUSR1), -ECANCELED);
	CHECK_EQ(hold_stop(h, NULL, 0), -ECANCELED);
	CHECK_EQ(hold_pthread_kill((uintptr_t)self, SIGKILL), -ECANCELED);
	CHECK_EQ(kill(pid, SIGTERM), 0);
	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "15\n");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("a start that is forbidden starts nothing and says so") {
	struct hold_options options = { .size = sizeof options,
					.argv = SHELL("exit 1"),
					.out = { .kind = HOLD_STDIO_PIPE } };
	struct hold_error error = { .size = sizeof error };
	struct hold *h = (struct hold *)&options;
	char text[256];

	add(forbid, &canceled);
	CHECK_EQ(hold_spawn(&h, &options, &error), -ECANCELED);
	CHECK(h == (struct hold *)&options);
	CHECK_EQ(error.code, -ECANCELED);
	CHECK_EQ(error.step, HOLD_AT_AUDIT);
	hold_error_text(&error, text, sizeof text);
	CHECK_STRING(text, "audit hook pidhold.spawn: Operation canceled");
}

TEST("a start that is forbidden opens none of its files") {
	struct hold_options options = { .size = sizeof options, .argv = ARGV("true") };
	char path[] = "/tmp/pidhold-audit-XXXXXX";
	int fd = mkstemp(path);
	struct hold *h;

	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(unlink(path), 0);
	options.out = (struct hold_stdio){ .kind = HOLD_STDIO_FILE, .path = path };
	add(forbid, &canceled);
	CHECK_EQ(hold_spawn(&h, &options, NULL), -ECANCELED);
	CHECK_EQ(access(path, F_OK), -1);
}

TEST("a fork that is forbidden does not happen") {
	int master = 77, threads = 77;

	add(forbid, &canceled);
	CHECK_EQ(hold_forkpty(&master, &threads, NULL), -ECANCELED);
	CHECK_EQ(master, 77);
	CHECK_EQ(threads, 77);
}

TEST("an adoption that is forbidden yields no hold") {
	int marker, pidfd = hold_pidfd_open(getpid(), 0);
	struct hold *h = (struct hold *)&marker;

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	add(forbid, &canceled);
	CHECK_EQ(hold_adopt(&h, getpid()), -ECANCELED);
	CHECK_EQ(hold_adopt_fd(&h, pidfd), -ECANCELED);
	CHECK_EQ(hold_adopt_reference(&h, "1:1"), -ECANCELED);
	CHECK(h == (struct hold *)&marker);
	close(pidfd);
}

static int depth, deepest;

static int call_library(void *context, const struct hold_event *event) {
	int result = 0;

	(void)context;
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (!strcmp(event->name, "os.kill")) /* what it does is another act, so the recursion ends */
		result = hold_killpg(0, 0);
	depth--;
	return result;
}

TEST("a hook may call the library, and what it does is told as well") {
	add(call_library, NULL);
	add(record, &second);
	CHECK_EQ(hold_kill(getpid(), 0), 0);
	CHECK_EQ(deepest, 2);
	CHECK_EQ(told_count, 2);
	check_told(0, "os.killpg", 2, 0, 0);
	check_told(1, "os.kill", 2, getpid(), 0);
}

static int add_another(void *context, const struct hold_event *event) {
	static bool done;

	(void)event;
	if (!done) {
		done = true;
		add(record, context);
	}
	return 0;
}

TEST("a hook may add a hook") {
	add(add_another, &second);
	CHECK_EQ(hold_kill(getpid(), 0), 0);
	told_count = 0;
	CHECK_EQ(hold_kill(getpid(), 0), 0);
	CHECK_EQ(told_count, 1);
}

static void *kill_nobody(void *unused) {
	CHECK_EQ(hold_kill(NOBODY, 0), -ESRCH);
	return unused;
}

TEST("a hook is told in the thread that acts") {
	pthread_t thread;

	add(record, &first);
	CHECK_EQ(pthread_create(&thread, NULL, kill_nobody, NULL), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(told_count, 1);
	CHECK(pthread_equal(told[0].thread, thread));
}

enum { ACTING = 3, ADDING = 2, ACTS = 3000, HOOKS = 50 };

static atomic_int counters[ADDING][HOOKS];

static int count(void *counter, const struct hold_event *event) {
	CHECK_STRING(event->name, "os.kill");
	atomic_fetch_add((atomic_int *)counter, 1);
	return 0;
}

static void *act(void *unused) {
	for (int i = 0; i < ACTS; i++)
		CHECK_EQ(hold_kill(NOBODY, 0), -ESRCH);
	return unused;
}

static void *add_hooks(void *row) {
	for (int i = 0; i < HOOKS; i++) {
		CHECK_EQ(hold_audit_add(count, (atomic_int *)row + i), 0);
		sched_yield();
	}
	return NULL;
}

TEST("hooks are added while other threads act and add, and none is lost") {
	pthread_t threads[ACTING + ADDING];

	for (int i = 0; i < ACTING + ADDING; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, i < ACTING ? act : add_hooks,
					i < ACTING ? NULL : counters[i - ACTING]),
			 0);
	for (int i = 0; i < ACTING + ADDING; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	memset(counters, 0, sizeof counters);
	CHECK_EQ(hold_kill(NOBODY, 0), -ESRCH);
	for (int i = 0; i < ADDING * HOOKS; i++)
		CHECK_EQ(counters[i / HOOKS][i % HOOKS], 1);
}

TEST("no hook is -EINVAL, and adding leaves errno alone") {
	CHECK_EQ(hold_audit_add(NULL, NULL), -EINVAL);
	errno = 77;
	add(record, &first);
	hold_kill(NOBODY, 0);
	CHECK_EQ(errno, 77);
}

CHECK_MAIN
