/* SPDX-License-Identifier: ISC */
/* Stopping and releasing without blocking, in the containment that the test is built for (CONTAIN). */
#include "kept.h"

#include <stdio.h>

static const struct hold_rung kill_rung = { .signal = SIGKILL };
static const struct hold_rung patient[] = { { .signal = SIGTERM, .wait_ms = 3600000 }, { .signal = SIGKILL } };
static const struct hold_rung gentle[] = { { .signal = SIGTERM, .wait_ms = 50 } };

static bool has_keeper(void) {
	return CONTAIN >= HOLD_CONTAIN_KEEPER;
}

/* As an event loop does it. */
static int go_on(struct hold *h, struct hold_tree_report *ret) {
	int result;

	while ((result = hold_stop_step(h, ret)) == HOLD_PENDING) {
		struct pollfd fd = { .fd = hold_stop_fd(h), .events = POLLIN };

		CHECK(hold_stop_deadline(h) != HOLD_FOREVER);
		CHECK(poll(&fd, 1, hold_ms_until(hold_stop_deadline(h))) >= 0);
	}
	return result;
}

static void check_no_stop(struct hold *h) {
	CHECK_EQ(hold_stop_step(h, NULL), -ENODATA);
	CHECK_EQ(hold_stop_fd(h), -ENODATA);
	CHECK_EQ(hold_stop_deadline(h), HOLD_FOREVER);
}

static pid_t keeper_of(struct hold *h) {
	struct hold_description now = { .size = sizeof now };

	CHECK_EQ(hold_describe(h, &now), 0);
	CHECK(now.parent > 1);
	return (pid_t)now.parent;
}

/* It ignores TERM, and has said so. */
static struct tree start_stubborn(void) {
	struct tree tree = start_tree("trap '' TERM; echo >&3; exec sleep 3600",
				      (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });

	await_daemons(&tree);
	return tree;
}

TEST("a process is ended step by step: a step that has sent a signal returns while the process lives") {
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_stop_begin(tree.hold, quick, 2), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop_fd(tree.hold), hold_fd(tree.hold));
	CHECK_EQ(go_on(tree.hold, NULL), 0);
	check_status(tree.hold, HOLD_HOW_SIGNALLED, SIGKILL);
	check_no_stop(tree.hold);
	hold_release(tree.hold);
	check_empty(tree.end);
}

TEST("nothing is sent before the first step") {
	struct tree tree;

	need_containment();
	tree = start_tree("echo >&3; exec sleep 60", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	await_daemons(&tree);
	CHECK_EQ(hold_stop_begin(tree.hold, &kill_rung, 1), 0);
	CHECK(!is_empty(tree.end, 50));
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, &kill_rung, 1), 0);
	CHECK(!is_empty(tree.end, 50));
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	hold_release(tree.hold);
	check_empty(tree.end);
}

TEST("a tree is ended step by step, daemons too, and the report counts them") {
	struct hold_tree_report report = { .size = sizeof report };
	struct tree tree;
	int members = has_keeper() ? 4 : 1; /* without a keeper daemons are out of sight */

	need_containment();
	tree = start_tree(has_keeper() ? DAEMONS "; trap '' TERM; sleep 63; :" : "echo >&3; sleep 63; :",
			  (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	await_daemons(&tree);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, quick, 2), 0);
	CHECK_EQ(go_on(tree.hold, &report), has_keeper() ? 0 : HOLD_NONE_SEEN);
	CHECK((int)report.seen >= members);
	CHECK_EQ(report.survivors, 0);
	CHECK_EQ(report.ended + report.terminated + report.killed, report.seen);
	check_no_stop(tree.hold);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("a tree that had ended is HOLD_GONE, and a process that had ended is 0") {
	struct tree tree;

	need_containment();
	tree = start_tree("exit 3", (struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL });
	check_status(tree.hold, HOLD_HOW_EXITED, 3);
	if (has_keeper())
		CHECK_EQ(hold_tree_wait(tree.hold, HOLD_FOREVER), 0);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, NULL, 0), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_GONE);
	CHECK_EQ(hold_stop_begin(tree.hold, NULL, 0), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), 0);
	check_no_stop(tree.hold);
	hold_release(tree.hold);
	check_empty(tree.end);
}

TEST("a ladder without SIGKILL that is at its end leaves survivors, and another one can follow") {
	struct hold_tree_report report = { .size = sizeof report };
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_stop_begin(tree.hold, gentle, 1), 0);
	CHECK_EQ(go_on(tree.hold, NULL), HOLD_SURVIVORS);
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, gentle, 1), 0);
	CHECK_EQ(go_on(tree.hold, &report), HOLD_SURVIVORS);
	CHECK(report.survivors >= 1);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, &kill_rung, 1), 0);
	CHECK_EQ(go_on(tree.hold, &report), has_keeper() ? 0 : HOLD_NONE_SEEN);
	CHECK_EQ(report.survivors, 0);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("a stop that is begun anew replaces the one before; one that is refused does not") {
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_tree_stop_begin(tree.hold, patient, 2), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop_begin(tree.hold, patient, 0), -EINVAL);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, patient, HOLD_LADDER_MAX + 1), -EINVAL);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, &kill_rung, 1), 0);
	CHECK_EQ(go_on(tree.hold, NULL), has_keeper() ? 0 : HOLD_NONE_SEEN);
	check_empty(tree.end);
	hold_release(tree.hold);
}

TEST("a stop that is under way is forgotten by hold_release, and leaves nothing behind") {
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_tree_stop_begin(tree.hold, patient, 2), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	hold_release(tree.hold);
	check_empty(tree.end);
}

TEST("the blocking calls do not touch a stop that is under way") {
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_stop_begin(tree.hold, patient, 2), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop(tree.hold, gentle, 1), HOLD_PENDING);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop(tree.hold, &kill_rung, 1), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), 0);
	hold_release(tree.hold);
	check_empty(tree.end);
}

static int told;

static int count_stops(void *context, const struct hold_event *event) {
	(void)context;
	if (strncmp(event->name, "pidhold.stop", 12) == 0)
		told++;
	return told == 3 ? -EPERM : 0;
}

TEST("the hooks are told of a stop once, when it is begun, and what they forbid does not begin") {
	struct tree tree;

	need_containment();
	tree = start_stubborn();
	CHECK_EQ(hold_audit_add(count_stops, NULL), 0);
	CHECK_EQ(hold_stop_begin(tree.hold, gentle, 1), 0);
	CHECK_EQ(told, 1);
	CHECK_EQ(go_on(tree.hold, NULL), HOLD_SURVIVORS);
	CHECK_EQ(hold_tree_stop_begin(tree.hold, gentle, 1), 0);
	CHECK_EQ(go_on(tree.hold, NULL), HOLD_SURVIVORS);
	CHECK_EQ(told, 2);
	CHECK_EQ(hold_stop_begin(tree.hold, NULL, 0), -EPERM);
	check_no_stop(tree.hold);
	hold_release(tree.hold);
	check_empty(tree.end);
}

static struct tree inherited;

static void use_in_child(void) {
	CHECK_EQ(hold_stop_begin(inherited.hold, NULL, 0), -ECHILD);
	CHECK_EQ(hold_tree_stop_begin(inherited.hold, NULL, 0), -ECHILD);
	CHECK_EQ(hold_stop_step(inherited.hold, NULL), -ECHILD);
	CHECK_EQ(hold_stop_fd(inherited.hold), -ECHILD);
	CHECK_EQ(hold_stop_deadline(inherited.hold), HOLD_FOREVER);
	CHECK_EQ(hold_release_to_keeper(inherited.hold), -ECHILD);
	hold_release(inherited.hold);
}

TEST("in a forked child every step is -ECHILD, and hold_release frees the copies of a stop") {
	need_containment();
	inherited = start_stubborn();
	CHECK_EQ(hold_tree_stop_begin(inherited.hold, patient, 2), 0);
	CHECK_EQ(hold_stop_step(inherited.hold, NULL), HOLD_PENDING);
	in_child(use_in_child);
	CHECK_EQ(hold_stop_step(inherited.hold, NULL), HOLD_PENDING);
	hold_release(inherited.hold);
	check_empty(inherited.end);
}

static void stop_without_descriptors(void) {
	struct rlimit limit = { .rlim_cur = 3, .rlim_max = 1024 }; /* all of these are open */

	inherited = start_stubborn();
	CHECK_EQ(hold_tree_stop_begin(inherited.hold, quick, 2), 0);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_EQ(go_on(inherited.hold, NULL), has_keeper() ? 0 : -EMFILE);
	limit.rlim_cur = 1024;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	hold_release(inherited.hold);
	check_empty(inherited.end);
}

TEST("where no descriptor is left for a look the process is stopped all the same, if it has a keeper") {
	need_containment();
	in_child(stop_without_descriptors);
}

TEST("a keeper that is killed ends the stop in bounded time, and its descriptor makes no loop spin") {
	struct tree tree;
	int steps = 0, result;

	need_containment();
	if (!has_keeper())
		return;
	tree = start_stubborn();
	CHECK_EQ(hold_tree_stop_begin(tree.hold, patient, 2), 0);
	CHECK_EQ(hold_stop_step(tree.hold, NULL), HOLD_PENDING);
	CHECK_EQ(kill(keeper_of(tree.hold), SIGKILL), 0);
	CHECK_EQ(hold_wait(tree.hold, HOLD_FOREVER, NULL), 0);
	while ((result = hold_stop_step(tree.hold, NULL)) == HOLD_PENDING) {
		struct pollfd fd = { .fd = hold_stop_fd(tree.hold), .events = POLLIN };

		CHECK(poll(&fd, 1, hold_ms_until(hold_stop_deadline(tree.hold))) >= 0);
		CHECK(++steps < 10000);
	}
	if (CONTAIN == HOLD_CONTAIN_KEEPER)
		CHECK_EQ(result, -EOWNERDEAD);
	else
		CHECK(result == 0 || result == HOLD_GONE);
	hold_release(tree.hold);
	close(tree.end);
}

/* ---- releasing in the background ---- */

static bool has_child(void) {
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A keeper that was released is reaped by later calls of the library. */
static void await_reaped(void) {
	while (has_child()) {
		hold_release(start_own(ARGV("true")));
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
}

static void check_background(int on_release, const char *script) {
	struct tree tree;

	need_containment();
	tree = start_tree(script, (struct hold_options){ .on_release = on_release,
							 .ladder = on_release ? NULL : quick,
							 .ladder_count = on_release ? 0 : 2 });
	await_daemons(&tree);
	if (!has_keeper()) {
		CHECK_EQ(hold_release_to_keeper(tree.hold), -ENODATA);
		CHECK_EQ(hold_stop(tree.hold, NULL, 0), 0);
		hold_release(tree.hold);
		close(tree.end);
		return;
	}
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	check_empty(tree.end);
	await_reaped();
}

TEST("a hold that is released to its keeper is ended by the ladder, daemons too, and its keeper is reaped later") {
	check_background(HOLD_ON_RELEASE_STOP,
			 has_keeper() ? DAEMONS "; trap '' TERM; sleep 63; :" : "echo >&3; sleep 63");
}

TEST("so it is with HOLD_ON_RELEASE_KILL") {
	check_background(HOLD_ON_RELEASE_KILL, "trap '' TERM; echo >&3; sleep 63; :");
}

TEST("the ladder's first signal comes first") {
	struct tree tree;
	char said[8] = "";

	need_containment();
	if (!has_keeper())
		return;
	tree = start_tree("trap 'echo T >&3; exit' TERM; echo >&3; while :; do sleep 0.01; done",
			  (struct hold_options){ .ladder = patient, .ladder_count = 2 });
	await_daemons(&tree);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	CHECK_EQ(read(tree.end, said, sizeof said - 1), 2);
	CHECK_STRING(said, "T\n");
	check_empty(tree.end);
	await_reaped();
}

TEST("the ladder goes on if the caller is killed just after the release") {
	int ends[2], status;
	char said[8] = "";
	pid_t pid;

	need_containment();
	if (!has_keeper())
		return;
	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const struct hold_options options = {
			.size = sizeof options,
			.argv = SHELL("trap 'echo T; exit' TERM; echo b; while :; do sleep 0.01; done"),
			.contain = CONTAIN,
			.out = { .kind = HOLD_STDIO_FD, .fd = ends[1] },
			.ladder = patient,
			.ladder_count = 2,
		};
		struct hold *h;

		CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
		CHECK_EQ(read(ends[0], said, 2), 2);
		CHECK_EQ(hold_release_to_keeper(h), 0);
		raise(SIGKILL);
	}
	close(ends[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(read(ends[0], said, sizeof said - 1), 2);
	CHECK_STRING(said, "T\n");
	check_empty(ends[0]);
}

TEST("one that is to be left alone lives on") {
	struct tree tree;
	char byte;

	need_containment();
	if (!has_keeper() || CONTAIN == HOLD_CONTAIN_PIDNS)
		return;
	tree = start_tree("echo >&3; sleep 0.2; echo >&3",
			  (struct hold_options){ .on_release = HOLD_ON_RELEASE_LEAVE });
	await_daemons(&tree);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	CHECK_EQ(read(tree.end, &byte, 1), 1);
	check_empty(tree.end);
	await_reaped();
}

TEST("a tree that had ended is released at once") {
	struct tree tree;

	need_containment();
	if (!has_keeper())
		return;
	tree = start_tree("exit 0", (struct hold_options){ .on_release = HOLD_ON_RELEASE_STOP });
	CHECK_EQ(hold_tree_wait(tree.hold, HOLD_FOREVER), 0);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	check_empty(tree.end);
	await_reaped();
}

static int count_zombies(pid_t keeper) {
	char path[64], text[65536], state;
	int count = 0, fd, pid, length;
	ssize_t size;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", keeper, keeper);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	size = read(fd, text, sizeof text - 1);
	close(fd);
	CHECK(size >= 0);
	text[size] = 0;
	for (const char *at = text; sscanf(at, "%d %n", &pid, &length) == 1; at += length) {
		FILE *file;

		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		file = fopen(path, "re");
		if (file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1)
			count += state == 'Z';
		if (file)
			fclose(file);
	}
	return count;
}

TEST("a keeper that climbs a ladder alone reaps what ends meanwhile") {
	struct tree tree;
	pid_t process, keeper;
	char bytes[300];

	need_containment();
	if (!has_keeper())
		return;
	tree = start_tree("trap '' TERM; for i in $(seq 300); do sh -c '(: &)'; echo >&3; done; exec sleep 60",
			  (struct hold_options){ .ladder = patient, .ladder_count = 2 });
	await_daemons(&tree);
	process = (pid_t)hold_pid(tree.hold);
	keeper = keeper_of(tree.hold);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	for (int left = 299; left > 0;)
		left -= (int)read(tree.end, bytes, (size_t)left);
	for (int i = 0; count_zombies(keeper) > 20; i++) {
		CHECK(i < 500);
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	}
	CHECK_EQ(kill(process, SIGKILL), 0);
	check_empty(tree.end);
	await_reaped();
}

TEST("a late keeper that is stopped is continued by later starts") {
	struct tree tree;
	pid_t keeper;

	need_containment();
	if (!has_keeper())
		return;
	tree = start_tree("trap '' TERM; echo >&3; exec sleep 60",
			  (struct hold_options){ .ladder = quick, .ladder_count = 2 });
	await_daemons(&tree);
	keeper = keeper_of(tree.hold);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	CHECK_EQ(kill(keeper, SIGSTOP), 0);
	await_reaped();
	check_empty(tree.end);
}

TEST("the control group of a late keeper that is killed is ended by later starts") {
	struct tree tree;
	pid_t keeper;

	need_containment();
	if (CONTAIN != HOLD_CONTAIN_CGROUP)
		return;
	tree = start_tree("trap '' TERM; (trap '' TERM; setsid sleep 60 &); echo >&3; exec sleep 60",
			  (struct hold_options){ .ladder = patient, .ladder_count = 2 });
	await_daemons(&tree);
	keeper = keeper_of(tree.hold);
	CHECK_EQ(hold_release_to_keeper(tree.hold), 0);
	CHECK_EQ(kill(keeper, SIGKILL), 0);
	for (int i = 0; i < 500 && !is_empty(tree.end, 0); i++) {
		hold_release(start_own(ARGV("true")));
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	}
	check_empty(tree.end);
}

static void release_hundred(void) {
	struct tree trees[100];

	for (int i = 0; i < 100; i++)
		trees[i] = start_tree("sleep 60", (struct hold_options){ .on_release = HOLD_ON_RELEASE_STOP });
	for (int i = 0; i < 100; i++)
		CHECK_EQ(hold_release_to_keeper(trees[i].hold), 0);
	for (int i = 0; i < 100; i++)
		check_empty(trees[i].end);
	await_reaped();
}

TEST("a hundred at once are all ended and reaped") {
	need_containment();
	if (has_keeper())
		in_child(release_hundred); /* where low descriptors may be kept for later starts */
}

TEST("what a hook forbids to end is not released") {
	struct tree tree;

	need_containment();
	if (!has_keeper())
		return;
	tree = start_stubborn();
	told = 2;
	CHECK_EQ(hold_audit_add(count_stops, NULL), 0);
	CHECK_EQ(hold_release_to_keeper(tree.hold), -EPERM);
	CHECK_EQ(hold_wait(tree.hold, HOLD_NOW, NULL), HOLD_PENDING);
	hold_release(tree.hold);
	check_empty(tree.end);
}

CHECK_MAIN
