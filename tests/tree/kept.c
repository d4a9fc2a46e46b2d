/* SPDX-License-Identifier: ISC */
/* What a keeper promises: alone, with a control group, and with a PID namespace. */
#include "kept.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

TEST("daemons that the process left end with its hold") {
	static const int32_t ways[] = { HOLD_ON_RELEASE_STOP, HOLD_ON_RELEASE_KILL };
	struct tree tree;

	need_containment();
	for (int i = 0; i < 2; i++) {
		tree = start_tree(DAEMONS "; exit 7",
				  (struct hold_options){ .on_release = ways[i], .ladder = quick, .ladder_count = 2 });
		CHECK_EQ(hold_containment(tree.hold), CONTAIN);
		check_status(tree.hold, HOLD_HOW_EXITED, 7);
		await_daemons(&tree);
		CHECK(!is_empty(tree.end, 0));
		CHECK(!is_empty(hold_tree_fd(tree.hold), 0));
		hold_release(tree.hold);
		CHECK(is_empty(tree.end, 0));
		close(tree.end);
	}
}

TEST("the descriptor of the tree is readable once nobody is left, and then there is nobody to signal") {
	struct tree tree;

	need_containment();
	tree = start_tree("(setsid sh -c 'read line' &); exit 0",
			  (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	check_status(tree.hold, HOLD_HOW_EXITED, 0);
	hold_tree_signal(tree.hold, SIGKILL);
	CHECK(is_empty(hold_tree_fd(tree.hold), 15000));
	CHECK_EQ(hold_tree_signal(tree.hold, SIGKILL), HOLD_GONE);
	CHECK_EQ(hold_tree_stop(tree.hold, NULL, 0, NULL, NULL, NULL), HOLD_GONE);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("a stop of the tree ends and counts those that left it, and the keeper is none of them") {
	struct hold_tree_report report = { .size = sizeof report };
	struct tree tree;

	need_containment();
	tree = start_tree(DAEMONS "; exec sleep 63", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	await_daemons(&tree);
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, &report, NULL, NULL), 0);
	check_empty(tree.end);
	CHECK(report.killed >= 1);
	CHECK_EQ(report.survivors, 0);
	CHECK_EQ(report.seen, report.ended + report.terminated + report.killed);
	check_status(tree.hold, HOLD_HOW_SIGNALLED, SIGTERM);
	CHECK(is_empty(hold_tree_fd(tree.hold), 15000));
	hold_release(tree.hold);
}

static int count_one(void *context, const struct hold_member *member) {
	(void)member;
	++*(int *)context;
	return 0;
}

static int count_members(struct hold *h) {
	int count = 0;

	CHECK_EQ(hold_tree_list(h, count_one, &count), 0);
	return count;
}

TEST("of two in one program the end of one leaves the other as it was") {
	struct tree first, second;
	int members;

	need_containment();
	for (int32_t is_stopped = 0; is_stopped <= 1; is_stopped++) {
		first = start_tree(DAEMONS "; exec sleep 63",
				   (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
		second = start_tree(DAEMONS "; exec sleep 63",
				    (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
		await_daemons(&first);
		await_daemons(&second);
		members = count_members(second.hold);
		CHECK(members >= 4);
		if (is_stopped)
			CHECK_EQ(hold_tree_stop(first.hold, quick, 2, NULL, NULL, NULL), 0);
		hold_release(first.hold);
		check_empty(first.end);
		CHECK_EQ(count_members(second.hold), members);
		CHECK_EQ(hold_wait(second.hold, HOLD_NOW, NULL), HOLD_PENDING);
		hold_release(second.hold);
		check_empty(second.end);
	}
}

/* ---- whoever is killed ---- */

static uint64_t killed_after_us;
static int daemon_pipe[2];

/* A program that starts a tree and is killed soon after, or while it does. */
static void start_and_be_killed(void) {
	struct hold_pass pass = { .fd = daemon_pipe[1], .as = 3 };
	struct hold_options options = { .size = sizeof options, .pass = &pass, .pass_count = 1 };
	const int victim = getpid();
	struct hold *h;

	close(daemon_pipe[0]);
	if (fork() == 0) {
		close(daemon_pipe[1]);
		usleep((useconds_t)killed_after_us);
		kill(victim, SIGKILL);
		_exit(0);
	}
	options.argv = SHELL("(setsid sleep 60 &); (trap '' TERM; setsid sleep 61 &); sleep 62");
	options.contain = CONTAIN;
	if (hold_spawn(&h, &options, NULL) < 0)
		_exit(1);
	close(daemon_pipe[1]);
	for (;;)
		pause();
}

TEST("a program that is killed, as late after the start as may be, leaves nobody of its tree") {
	need_containment();
	for (int i = 0; i < 40; i++) {
		int status, pid;

		CHECK_EQ(pipe(daemon_pipe), 0);
		killed_after_us = (uint64_t)(i % 20) * 200;
		pid = fork();
		if (pid == 0)
			start_and_be_killed();
		close(daemon_pipe[1]);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		check_empty(daemon_pipe[0]);
	}
}

static void start_with_ladder_and_be_killed(const char *script, int64_t wait_ms, size_t rungs) {
	const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = wait_ms }, { .signal = SIGKILL } };
	struct hold_pass pass = { .fd = daemon_pipe[1], .as = 3 };
	struct hold_options options = { .size = sizeof options,
					.pass = &pass,
					.pass_count = 1,
					.flags = HOLD_LADDER_AT_DEATH,
					.ladder = ladder,
					.ladder_count = rungs,
					.contain = CONTAIN };
	struct hold *h;

	options.argv = SHELL(script);
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	for (;;)
		pause();
}

TEST("with HOLD_LADDER_AT_DEATH the tree of a program that is killed ends by the ladder") {
	char text[32] = "";
	int pid;

	need_containment();
	CHECK_EQ(pipe(daemon_pipe), 0);
	pid = fork();
	if (pid == 0)
		start_with_ladder_and_be_killed(
			"trap 'echo term >&3; exit' TERM; echo ready >&3; while :; do sleep 0.02; done", 15000, 2);
	close(daemon_pipe[1]);
	CHECK_EQ(read(daemon_pipe[0], text, 6), 6);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK(is_empty(daemon_pipe[0], 15000));
	CHECK_EQ(read(daemon_pipe[0], text, 5), 5);
	CHECK_STRING(text, "term\n\n");
	check_empty(daemon_pipe[0]);
}

TEST("what a ladder without SIGKILL leaves of the tree of a program that is killed is killed") {
	char byte;
	int pid;

	need_containment();
	CHECK_EQ(pipe(daemon_pipe), 0);
	pid = fork();
	if (pid == 0)
		start_with_ladder_and_be_killed("trap '' TERM; (setsid sleep 64 &); echo >&3; exec sleep 65", 100, 1);
	close(daemon_pipe[1]);
	CHECK_EQ(read(daemon_pipe[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	check_empty(daemon_pipe[0]);
}

static int keeper_of(const struct hold *h) {
	struct hold_description description = { .size = sizeof description };

	CHECK_EQ(hold_describe(h, &description), 0);
	CHECK(description.parent != getpid());
	return (int)description.parent;
}

TEST("with its keeper the process dies, and that the tree is lost is told") {
	struct hold_status status = { .size = sizeof status };
	struct tree tree;

	need_containment();
	tree = start_tree("exec sleep 60", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	CHECK_EQ(kill(keeper_of(tree.hold), SIGKILL), 0);
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(15000), &status), 0);
	CHECK(status.how == HOLD_HOW_UNKNOWN || (status.how == HOLD_HOW_SIGNALLED && status.code == SIGKILL));
	CHECK_EQ(hold_tree_signal(tree.hold, 0), CONTAIN == HOLD_CONTAIN_PIDNS ? HOLD_GONE : -EOWNERDEAD);
	CHECK_EQ(hold_job_take(tree.hold), -EOWNERDEAD);
	CHECK_EQ(hold_tree_wait(tree.hold, hold_after_ms(15000)), CONTAIN == HOLD_CONTAIN_PIDNS ? 0 : -EOWNERDEAD);
	CHECK_EQ(hold_tree_stop(tree.hold, NULL, 0, NULL, NULL, NULL), CONTAIN == HOLD_CONTAIN_CGROUP  ? 0
								       : CONTAIN == HOLD_CONTAIN_PIDNS ? HOLD_GONE
												       : -EOWNERDEAD);
	check_empty(tree.end);
	hold_release(tree.hold);
}

enum { COPIES = 8 };

/* As a child has them that another thread forks while hold_spawn has the keeper's side of its socket open. */
static int copy_sockets(int keeper, int copies[COPIES]) {
	struct stat file;
	int count = 0;

	for (int fd = 0; fd < 32 && count < COPIES; fd++) {
		const int copy = (int)syscall(438 /* pidfd_getfd */, keeper, fd, 0);

		if (copy >= 0 && fstat(copy, &file) == 0 && S_ISSOCK(file.st_mode))
			copies[count++] = copy;
		else if (copy >= 0)
			close(copy);
	}
	return count;
}

TEST("the keeper's end is known though a forked child holds its side of the socket open") {
	struct hold_status status = { .size = sizeof status };
	int copies[COPIES], count;
	struct tree tree;

	need_containment();
	tree = start_tree("exec sleep 60", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	count = copy_sockets(hold_tree_fd(tree.hold), copies);
	if (count == 0) {
		hold_release(tree.hold);
		SKIP("no descriptor of another process can be had here");
	}
	CHECK_EQ(kill(keeper_of(tree.hold), SIGKILL), 0);
	CHECK(is_empty(hold_tree_fd(tree.hold), 15000));
	CHECK_EQ(hold_tree_wait(tree.hold, HOLD_NOW), CONTAIN == HOLD_CONTAIN_PIDNS ? 0 : -EOWNERDEAD);
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(15000), &status), 0);
	hold_release(tree.hold);
	check_empty(tree.end);
	while (count)
		close(copies[--count]);
}

#ifndef WAY_PIDNS /* whose init nobody outlives */
/* As one that has executed a set-user-ID program: the system takes the signal from it that its parent's end sends. */
static struct tree start_that_outlives_keeper(void) {
	struct tree tree;

	if (system("setpriv --pdeathsig clear true 2>/dev/null") != 0)
		SKIP("this setpriv knows no --pdeathsig");
	tree = start_tree("exec setpriv --pdeathsig clear sh -c 'echo >&3; exec sleep 60'",
			  (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	await_daemons(&tree);
	CHECK_EQ(kill(keeper_of(tree.hold), SIGKILL), 0);
	CHECK(is_empty(hold_tree_fd(tree.hold), 15000));
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(50), NULL), HOLD_PENDING);
	return tree;
}

TEST("a process that outlives its keeper is ended by a stop of the tree") {
	struct tree tree;

	need_containment();
	tree = start_that_outlives_keeper();
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, NULL, NULL, NULL),
		 CONTAIN == HOLD_CONTAIN_CGROUP ? 0 : -EOWNERDEAD);
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(15000), NULL), 0);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("a process that outlives its keeper ends with its hold") {
	struct tree tree;

	need_containment();
	tree = start_that_outlives_keeper();
	hold_release(tree.hold);
	check_empty(tree.end);
}
#endif

#ifndef WAY_KEEPER /* by which they are lost: see the test before */
TEST("in a group or a namespace of its own the tree ends also when its keeper is killed") {
	struct tree tree;

	need_containment();
	tree = start_tree(DAEMONS "; exec sleep 63", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	await_daemons(&tree);
	CHECK_EQ(kill(keeper_of(tree.hold), SIGKILL), 0);
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(15000), NULL), 0);
	hold_release(tree.hold);
	check_empty(tree.end);
}
#endif

/* ---- a good guest ---- */

/* In a process of its own, which closes `input`, lets it go on and leaves its end alone. Returns its pid. */
static int trace(int pid, int input) {
	siginfo_t stopped;
	int ends[2], tracer;
	char is_tracing;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	tracer = fork();
	if (tracer == 0) {
		close(input);
		is_tracing = ptrace(PTRACE_SEIZE, pid, 0, 0) == 0;
		if (write(ends[1], &is_tracing, 1) != 1)
			_exit(1);
		for (;;) {
			if (waitid(P_PID, (id_t)pid, &stopped, WSTOPPED | __WALL) == 0)
				ptrace(PTRACE_CONT, pid, 0, 0);
		}
	}
	CHECK_EQ(read(ends[0], &is_tracing, 1), 1);
	close(ends[0]);
	close(ends[1]);
	if (!is_tracing) {
		end_sleeper(tracer);
		SKIP("no process can be traced here");
	}
	return tracer;
}

TEST("a release does not wait for a debugger of the keeper, and a later start reaps that") {
	struct tree tree;
	int input, tracer;

	need_containment();
	tree = start_tree("read line", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	input = hold_stream_take(tree.hold, 0);
	tracer = trace(keeper_of(tree.hold), input);
	close(input);
	CHECK_EQ(hold_tree_wait(tree.hold, hold_after_ms(15000)), 0);
	hold_release(tree.hold);
	check_empty(tree.end);
	end_sleeper(tracer);
	tree = start_tree("exit 0", (struct hold_options){ .flags = 0 });
	hold_release(tree.hold);
	check_empty(tree.end);
}

static bool has_pending(int pid, int signal) {
	char path[32], line[256];
	unsigned long long mask = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	CHECK(file);
	while (fgets(line, sizeof line, file) && sscanf(line, "ShdPnd: %llx", &mask) != 1)
		;
	fclose(file);
	return mask >> (signal - 1) & 1;
}

TEST("a keeper that waits for the terminal takes a signal that somebody sends, and waits on") {
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int keeper, terminal;
	struct tree tree;

	need_containment();
	CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(terminal >= 0);
	tree = start_tree("read line", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE },
							      .on_release = HOLD_ON_RELEASE_KILL,
							      .flags = HOLD_RESTORE_TERMINAL,
							      .restored_terminal = terminal });
	keeper = keeper_of(tree.hold);
	CHECK_EQ(hold_terminal_restore(tree.hold, HOLD_RESTORE_UNTIL_RELEASE), 0);
	close(hold_stream_take(tree.hold, 0));
	CHECK_EQ(hold_tree_wait(tree.hold, hold_after_ms(15000)), 0);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(kill(keeper, SIGCHLD), 0);
		while (has_pending(keeper, SIGCHLD)) /* it would be for ever */
			usleep(1000);
	}
	CHECK(!is_empty(hold_tree_fd(tree.hold), 0));
	close(tree.end);
	hold_release(tree.hold);
	close(terminal);
	close(master);
}

static int await_change(struct hold *h) {
	int change;

	while ((change = hold_job_take(h)) == 0)
		CHECK(is_empty(hold_job_fd(h), 15000));
	return change;
}

/* Reads lines from the terminal until it has this one. */
static void await_line(int master, const char *line) {
	char text[4096];
	size_t length = 0;
	ssize_t n;

	do {
		CHECK(length < sizeof text - 1);
		n = read(master, text + length, sizeof text - 1 - length);
		CHECK(n > 0);
		length += (size_t)n;
		text[length] = 0;
	} while (!strstr(text, line));
}

static struct tree start_led(const char *script) {
	static const struct hold_terminal terminal = { .size = sizeof terminal };

	return start_tree(script, (struct hold_options){ .flags = HOLD_KEEPER_LEADS, .terminal = &terminal });
}

TEST("a keeper that leads the session of a terminal passes the terminal's end on to the process") {
	struct tree tree;

	need_containment();
	tree = start_led("trap 'exit 7' HUP; echo begun; while :; do sleep 0.05; done");
	await_line(hold_stream(tree.hold, HOLD_TERMINAL), "begun");
	CHECK_EQ(getsid((pid_t)hold_pid(tree.hold)), keeper_of(tree.hold));
	CHECK_EQ(tcgetpgrp(hold_stream(tree.hold, HOLD_TERMINAL)), hold_pid(tree.hold));
	close(hold_stream_take(tree.hold, HOLD_TERMINAL));
	check_status(tree.hold, HOLD_HOW_EXITED, 7);
	close(tree.end);
	hold_release(tree.hold);
}

TEST("a process whose keeper leads the session is stopped by ^Z, and goes on by CONT") {
	struct tree tree;
	int master;

	need_containment();
	tree = start_led("echo begun; read line; exit 9");
	master = hold_stream(tree.hold, HOLD_TERMINAL);
	await_line(master, "begun");
	CHECK_EQ(write(master, "\x1a", 1), 1);
	CHECK_EQ(await_change(tree.hold), HOLD_JOB_STOPPED);
	CHECK_EQ(hold_job_signal(tree.hold), SIGTSTP);
	CHECK_EQ(hold_group_signal(tree.hold, SIGCONT), 0);
	CHECK_EQ(await_change(tree.hold), HOLD_JOB_CONTINUED);
	CHECK_EQ(write(master, "\n", 1), 1);
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	close(tree.end);
	hold_release(tree.hold);
}

static void *start_in_thread(void *context) {
	struct tree *tree = context;

	*tree = start_tree("read line; exit 9", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	return NULL;
}

TEST("the thread that started a process may end, and the process does not notice") {
	pthread_t thread;
	struct tree tree;

	need_containment();
	CHECK_EQ(pthread_create(&thread, NULL, start_in_thread, &tree), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(hold_wait(tree.hold, hold_after_ms(50), NULL), HOLD_PENDING);
	close(hold_stream_take(tree.hold, 0));
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("the caller is as it was: no subreaper, no death signal, dumpable, in its session and group") {
	const int session = getsid(0), group = getpgid(0), dumpable = prctl(PR_GET_DUMPABLE);
	int is_subreaper = -1, death_signal = -1;
	struct tree tree;

	need_containment();
	tree = start_tree("exit 0", (struct hold_options){ .flags = 0 });
	CHECK_EQ(prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper), 0);
	CHECK_EQ(is_subreaper, 0);
	CHECK_EQ(prctl(PR_GET_PDEATHSIG, &death_signal), 0);
	CHECK_EQ(death_signal, 0);
	CHECK_EQ(prctl(PR_GET_DUMPABLE), dumpable);
	CHECK_EQ(getsid(0), session);
	CHECK_EQ(getpgid(0), group);
	check_status(tree.hold, HOLD_HOW_EXITED, 0);
	check_empty(tree.end);
	hold_release(tree.hold);
}

static _Atomic bool is_over;

static void *wait_for_any(void *context) {
	const int own = *(int *)context;
	int status, found = 0, pid;

	while (!atomic_load(&is_over) || !found) {
		pid = waitpid(-1, &status, found ? WNOHANG : 0);
		if (pid == own)
			found = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		else if (pid < 0)
			sched_yield();
	}
	return (void *)(intptr_t)found;
}

/* Each leaves a daemon behind, and has a status of its own. */
static void start_a_hundred(void) {
	for (int i = 0; i < 100; i++) {
		char script[64];
		struct tree tree;

		snprintf(script, sizeof script, "(setsid sleep 60 &); exit %d", i);
		tree = start_tree(script, (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
		check_status(tree.hold, HOLD_HOW_EXITED, i);
		hold_release(tree.hold);
		CHECK(is_empty(tree.end, 0));
		close(tree.end);
	}
}

/* A thread that waits for any child reaps keepers too. */
static void share_children(void) {
	pthread_t waiter;
	int hold_back[2], own;
	void *found;
	char byte;

	check_takes("child");
	CHECK_EQ(pipe(hold_back), 0);
	own = fork();
	if (own == 0) {
		close(hold_back[1]);
		_exit(read(hold_back[0], &byte, 1) == 0 ? 42 : 1);
	}
	CHECK_EQ(pthread_create(&waiter, NULL, wait_for_any, &own), 0);
	start_a_hundred();
	close(hold_back[1]);
	atomic_store(&is_over, true);
	CHECK_EQ(pthread_join(waiter, &found), 0);
	CHECK_EQ((intptr_t)found, 42);
}

TEST("a hundred in a program with children of its own and a thread that waits for any: each has its status") {
	need_containment();
	in_child(share_children);
}

static void ignore_children(void) {
	signal(SIGCHLD, SIG_IGN);
	start_a_hundred();
}

TEST("a hundred in a program that ignores SIGCHLD: each has its status, and so has what the process waits for") {
	need_containment();
	in_child(ignore_children);
}

/* ---- stops, and letting go ---- */

TEST("that the process was stopped and continued is told, once") {
	struct tree tree;

	need_containment();
	tree = start_tree("read line; exit 9", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	CHECK_EQ(hold_job_take(tree.hold), 0);
	CHECK_EQ(hold_job_signal(tree.hold), 0);
	CHECK_EQ(hold_signal(tree.hold, SIGSTOP), 0);
	CHECK_EQ(await_change(tree.hold), HOLD_JOB_STOPPED);
	CHECK_EQ(hold_job_signal(tree.hold), SIGSTOP);
	CHECK_EQ(hold_job_take(tree.hold), 0);
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(tree.hold, SIGCONT), 0);
	CHECK_EQ(await_change(tree.hold), HOLD_JOB_CONTINUED);
	close(hold_stream_take(tree.hold, 0));
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	close(tree.end);
	hold_release(tree.hold);
}

TEST("a status is not lost behind a thousand stops that nobody asked for") {
	struct hold_description now = { .size = sizeof now };
	struct tree tree;

	need_containment();
	tree = start_tree("read line; exit 9", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(hold_signal(tree.hold, SIGSTOP), 0);
		do
			CHECK_EQ(hold_describe(tree.hold, &now), 0);
		while (now.state != 'T');
		CHECK_EQ(hold_signal(tree.hold, SIGCONT), 0);
	}
	close(hold_stream_take(tree.hold, 0));
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	close(tree.end);
	hold_release(tree.hold);
}

#ifndef WAY_PIDNS /* whose end is that of its init */
/* In a child, whose keeper outlives the hold as a child of its own. */
static void leave(void) {
	struct tree tree = start_tree(DAEMONS "; exit 0", (struct hold_options){ .on_release = HOLD_ON_RELEASE_LEAVE });

	await_daemons(&tree);
	check_status(tree.hold, HOLD_HOW_EXITED, 0);
	CHECK_EQ(hold_orphans_adopt(1), 0);
	hold_release(tree.hold);
	CHECK(!is_empty(tree.end, 0));
	CHECK_EQ(hold_adopt(&tree.hold, getpid()), 0); /* whose children they are now */
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, NULL, NULL, NULL), HOLD_NONE_SEEN);
	hold_release(tree.hold);
	check_empty(tree.end);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

TEST("with HOLD_ON_RELEASE_LEAVE what the process left lives on, and the keeper is gone") {
	need_containment();
	in_child(leave);
}
#endif

TEST("a process without a keeper has nothing to tell of its tree's end or of stops") {
	struct hold *h = start_own(ARGV("sleep", "60"));

	CHECK_EQ(hold_containment(h), HOLD_CONTAIN_NONE);
	CHECK_EQ(hold_tree_fd(h), -ENODATA);
	CHECK_EQ(hold_job_fd(h), -ENODATA);
	CHECK_EQ(hold_job_take(h), -ENODATA);
	CHECK_EQ(hold_job_signal(h), -ENODATA);
	CHECK_EQ(hold_terminal_restore_text(h, "", 0), -ENODATA);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

TEST("/proc/self/exe is the caller's program, and not the keeper's") {
	struct hold_options options = { .program = "/proc/self/exe",
					.out = { .kind = HOLD_STDIO_PIPE },
					.contain = CONTAIN };
	char said[64];
	struct hold *h;

	need_containment();
	h = start_with(ARGV("again", "a sentence that no test here has"), &options);
	read_all(hold_stream(h, HOLD_STDOUT), said, sizeof said);
	CHECK_STRING(said, "1..0\n");
	hold_release(h);
}

CHECK_MAIN
