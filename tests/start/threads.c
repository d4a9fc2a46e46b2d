/* SPDX-License-Identifier: ISC */
/* Starts beside what other threads do to the whole program meanwhile, and in a namespace that takes no children. */
#define CHECK_SECONDS 120
#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

static char fifo[96];

static void make_fifo(void) {
	const char *place = getenv("TMPDIR");

	snprintf(fifo, sizeof fifo, "%.60s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(fifo));
	CHECK(rmdir(fifo) == 0 && mkfifo(fifo, 0600) == 0);
}

/* A start that is on its way until somebody opens the other side of the fifo. */
static int start_reading_fifo(struct hold **ret) {
	static const char *const argv[] = { "true", NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.in = { .kind = HOLD_STDIO_FILE, .path = fifo },
	};

	return hold_spawn(ret, &options, NULL);
}

static void let_go(void) {
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	close(fd);
}

static void expect_success(struct hold *h) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 0);
	hold_release(h);
}

/* Not before the thread can only be in the start: it has all signals blocked there. */
static void await_start(pid_t thread) {
	char path[64], line[256];
	unsigned long long blocked = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)thread);
	while (!(blocked & 1)) {
		file = fopen(path, "re");
		CHECK(file != NULL);
		while (fgets(line, sizeof line, file))
			sscanf(line, "SigBlk: %llx", &blocked);
		fclose(file);
		sched_yield();
	}
}

struct starter {
	pthread_t thread;
	_Atomic pid_t tid;
	struct hold *hold;
	_Atomic int result, went_on;
};

static void *start_in_thread(void *argument) {
	struct starter *starter = argument;

	starter->tid = (pid_t)syscall(SYS_gettid);
	starter->result = start_reading_fifo(&starter->hold);
	starter->went_on = 1;
	pthread_testcancel();
	starter->went_on = 2;
	return NULL;
}

static void begin(struct starter *starter) {
	make_fifo();
	CHECK(pthread_create(&starter->thread, NULL, start_in_thread, starter) == 0);
	while (!starter->tid)
		sched_yield();
	await_start(starter->tid);
}

TEST("a thread that is cancelled while it starts a process ends after the start, and loses nothing") {
	struct starter starter = { .hold = NULL };
	void *end;

	begin(&starter);
	CHECK(pthread_cancel(starter.thread) == 0);
	let_go();
	CHECK(pthread_join(starter.thread, &end) == 0);
	CHECK(end == PTHREAD_CANCELED);
	CHECK_EQ(starter.went_on, 1);
	CHECK_EQ(starter.result, 0);
	expect_success(starter.hold);
	unlink(fifo);
}

static _Atomic int changed;

static void *change_ids(void *unused) {
	(void)unused;
	CHECK(setgid(getgid()) == 0 && setuid(getuid()) == 0);
	changed = 1;
	return NULL;
}

TEST("another thread that sets its ids, which takes all threads, waits for a start and hangs neither") {
	struct starter starter = { .hold = NULL };
	pthread_t thread;

	begin(&starter);
	CHECK(pthread_create(&thread, NULL, change_ids, NULL) == 0);
	nanosleep(&(struct timespec){ 0, 50000000 }, NULL); /* most likely it waits by then */
	CHECK_EQ(changed, 0);
	let_go();
	pthread_join(thread, NULL);
	pthread_join(starter.thread, NULL);
	CHECK_EQ(changed, 1);
	CHECK_EQ(starter.result, 0);
	expect_success(starter.hold);
	unlink(fifo);
}

/* ---- signals ---- */

static pid_t host;
static _Atomic int handled, strayed, stop;

static void handle(int signal) {
	(void)signal;
	if ((pid_t)syscall(SYS_getpid) == host)
		handled++;
	else
		strayed++; /* in the host's memory, so it is seen here */
}

static const int kinds[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCHLD };

enum { KINDS = sizeof kinds / sizeof *kinds, STARTS = 600 };

static void *send_signals(void *unused) {
	(void)unused;
	for (int i = 0; !stop; i++) {
		kill(host, kinds[i % KINDS]);
		if (i % 100 == 0)
			nanosleep(&(struct timespec){ 0, 100000 }, NULL);
	}
	return NULL;
}

TEST("in a storm of signals no handler of the host runs in a child, and the host's mask is as it was") {
	static const char *const argv[] = { "true", NULL };
	const struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART }, old[KINDS];
	sigset_t before, after;
	pthread_t thread;
	struct hold *h;

	host = getpid();
	for (int i = 0; i < KINDS; i++)
		sigaction(kinds[i], &action, &old[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	CHECK(pthread_create(&thread, NULL, send_signals, NULL) == 0);
	for (int i = 0; i < STARTS; i++) {
		CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
		expect_success(h);
	}
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	stop = 1;
	pthread_join(thread, NULL);
	for (int i = 0; i < KINDS; i++)
		sigaction(kinds[i], &old[i], NULL);
	for (int signal = 1; signal <= SIGRTMAX; signal++)
		CHECK_EQ(sigismember(&before, signal), sigismember(&after, signal));
	CHECK(handled > 0);
	CHECK_EQ(strayed, 0);
}

/* ---- a table of the thread's own ---- */

static _Atomic int listed;

static void *start_with_own_table(void *unused) {
	static const char *const argv[] = { "sh", "-c", "readlink /proc/self/fd/5 | grep -q zero", NULL };
	int fd;
	struct hold *h;

	(void)unused;
	CHECK(unshare(CLONE_FILES) == 0);
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && dup3(fd, 700, O_CLOEXEC) == 700); /* where the first thread has /dev/null */
	for (int i = 0; i < 3; i++) {
		const struct hold_pass pass = { 700, 5 };
		const struct hold_options options = { .size = sizeof options,
						      .contain = HOLD_CONTAIN_NONE,
						      .argv = argv,
						      .pass = &pass,
						      .pass_count = 1 };

		CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
		expect_success(h);
	}
	listed = 1;
	return NULL;
}

TEST("what passes from a thread that has a table of its own is that thread's") {
	pthread_t thread;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0 && dup3(fd, 700, O_CLOEXEC) == 700);
	CHECK(pthread_create(&thread, NULL, start_with_own_table, NULL) == 0);
	pthread_join(thread, NULL);
	CHECK_EQ(listed, 1);
	close(700);
	close(fd);
}

/* ---- a namespace ---- */

TEST("the parent-death signal may be asked for in a PID namespace of the children's own") {
	static const char *const argv[] = { "true", NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .parent_death_signal = SIGTERM
	};
	struct hold *h;

	if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		SKIP("PID namespaces are not allowed here");
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	expect_success(h);
}

TEST("where the first process of the children's PID namespace has ended no child can be made, and nothing is left") {
	static const char *const argv[] = { "true", NULL };
	const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		SKIP("PID namespaces are not allowed here");
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	expect_success(h); /* and with it the namespace */
	options.in.kind = HOLD_STDIO_PIPE;
	options.terminal = &terminal;
	for (int i = 0; i < 3; i++) {
		options.start_deadline = i == 2 ? hold_after_ms(60000) : 0;
		CHECK_EQ(hold_spawn(&h, &options, &error), -ENOMEM);
		CHECK_EQ(error.step, HOLD_AT_PROCESS);
	}
}

CHECK_MAIN
