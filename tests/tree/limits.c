/* SPDX-License-Identifier: ISC */
/* Trees in each containment where descriptors run out, and where somebody stops the keeper. */
#define CHECK_SECONDS 120
#include "kept.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { MEMBERS = 60, PATIENCE_MS = 20000 };

#define MANY "trap '' TERM; i=0; while [ $i -lt 60 ]; do sleep 600 & i=$((i+1)); done; echo ready; wait"

static struct tree start_many(void) {
	struct tree tree = start_tree(
		MANY, (struct hold_options){ .out = { .kind = HOLD_STDIO_PIPE }, .on_release = HOLD_ON_RELEASE_KILL });

	await(hold_stream(tree.hold, 1), "ready");
	return tree;
}

/* So that `count` descriptors can be opened still, whatever is open now. */
static struct rlimit leave_descriptors(int count) {
	struct rlimit before, limit;
	const int next = dup(0);

	CHECK(next >= 0);
	close(next);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)(next + count);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static int count_member(void *context, const struct hold_member *member) {
	CHECK(member->pid > 1);
	++*(int *)context;
	return 0;
}

TEST("a tree with more members than descriptors is listed, signalled and ended, and counted") {
	struct tree tree;
	struct rlimit before;
	struct hold_tree_report report = { .size = sizeof report };
	int count = 0;

	need_containment();
	tree = start_many();
	before = leave_descriptors(6);
	CHECK_EQ(hold_tree_list(tree.hold, count_member, &count), 0);
	CHECK_EQ(count, MEMBERS + 1);
	CHECK_EQ(hold_tree_signal(tree.hold, SIGCONT), 0);
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, &report, NULL, NULL), 0);
	CHECK_EQ(report.seen, MEMBERS + 1);
	CHECK_EQ(report.survivors, 0);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("without a descriptor to be had a tree is ended all the same") {
	struct tree tree;
	struct rlimit before;

	need_containment();
	tree = start_many();
	before = leave_descriptors(0);
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, NULL, NULL, NULL), 0);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("without a descriptor to be had a tree ends with its hold") {
	struct tree tree;
	struct rlimit before;

	need_containment();
	tree = start_many();
	before = leave_descriptors(0);
	hold_release(tree.hold);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_empty(tree.end);
}

TEST("with any number of descriptors left a start works, or is refused and has run nothing") {
	struct rlimit before;
	int started = 0;

	need_containment();
	for (int left = 0; left <= 24; left++) {
		char path[] = "/tmp/pidhold-limits-XXXXXX";
		const int fd = mkstemp(path);
		const char *const argv[] = { "/bin/sh", "-c", "echo >$0", path, NULL };
		struct hold_options options = { .size = sizeof options, .argv = argv, .contain = CONTAIN };
		struct hold *h = NULL;
		struct stat file;
		int result;

		CHECK(fd >= 0);
		before = leave_descriptors(left);
		result = hold_spawn(&h, &options, NULL);
		CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
		if (result == 0) {
			check_status(h, HOLD_HOW_EXITED, 0);
			hold_release(h);
			started++;
		} else {
			CHECK(result == -EMFILE || result == -ENFILE);
		}
		CHECK_EQ(fstat(fd, &file), 0);
		CHECK_EQ(file.st_size, result == 0 ? 1 : 0);
		close(fd);
		unlink(path);
	}
	CHECK(started > 5);
}

/* ---- the keeper is stopped ---- */

static int keeper_of(const struct hold *h) {
	struct hold_description found = { .size = sizeof found };

	CHECK_EQ(hold_describe(h, &found), 0);
	return (int)found.parent;
}

TEST("a keeper that somebody stopped holds up no wait, no stop and no release") {
	struct tree tree;

	need_containment();
	tree = start_tree("(sleep 600 &); read line; exit 9",
			  (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE } });
	CHECK_EQ(kill(keeper_of(tree.hold), SIGSTOP), 0);
	close(hold_stream_take(tree.hold, 0));
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	CHECK_EQ(hold_tree_stop(tree.hold, quick, 2, NULL, NULL, NULL), 0);
	check_empty(tree.end);
	hold_release(tree.hold);
	tree = start_tree("sleep 600", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	CHECK_EQ(kill(keeper_of(tree.hold), SIGSTOP), 0);
	hold_release(tree.hold);
	check_empty(tree.end);
}

TEST("a command that stops its parent at once is started, waited for and ended") {
	struct tree tree;

	need_containment();
	for (int i = 0; i < 20; i++) {
		tree = start_tree("kill -STOP $PPID; exit 7", (struct hold_options){ .size = 0 });
		check_status(tree.hold, HOLD_HOW_EXITED, 7);
		hold_release(tree.hold);
		check_empty(tree.end);
	}
}

/* In a child, which is killed while the keeper is stopped. */
static void start_and_stop_keeper(int end) {
	const struct hold_pass pass = { .fd = end, .as = 3 };
	struct hold_options options = { .pass = &pass, .pass_count = 1, .contain = CONTAIN };
	struct hold *h = start_with(SHELL("sleep 600 & sleep 600"), &options);

	CHECK_EQ(kill(keeper_of(h), SIGSTOP), 0);
	CHECK_EQ(kill(getpid(), SIGKILL), 0);
}

TEST("a tree whose keeper was stopped ends when the program that holds it is killed") {
	int ends[2], pid, status;

	need_containment();
	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		start_and_stop_keeper(ends[1]);
		_exit(1);
	}
	close(ends[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_empty(ends[0]);
}

/* ---- several waiters ---- */

enum { WAITERS = 4 };

static void *wait_in_thread(void *h) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, hold_after_ms(PATIENCE_MS), &status), 0);
	CHECK(status.how == HOLD_HOW_EXITED && status.code == 3);
	return NULL;
}

TEST("several threads that wait for a command are told of its end though it leaves a process") {
	pthread_t threads[WAITERS];
	struct tree tree;

	need_containment();
	for (int i = 0; i < 30; i++) {
		tree = start_tree("(sleep 600 &); exit 3", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
		for (int j = 0; j < WAITERS; j++)
			CHECK_EQ(pthread_create(&threads[j], NULL, wait_in_thread, tree.hold), 0);
		for (int j = 0; j < WAITERS; j++)
			CHECK_EQ(pthread_join(threads[j], NULL), 0);
		hold_release(tree.hold);
		check_empty(tree.end);
	}
}

CHECK_MAIN
