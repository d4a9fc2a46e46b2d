/* SPDX-License-Identifier: ISC */
/* A process and what descends from it: listed, signalled, ended; and that nobody else is touched. */
#include "../api/children.h"

#include <pthread.h>

enum { MOST = 2000 };

struct list {
	struct hold_member members[MOST];
	int count;
};

static int add(void *context, const struct hold_member *member) {
	struct list *list = context;

	CHECK(list->count < MOST);
	list->members[list->count++] = *member;
	return 0;
}

static struct list list_of(struct hold *h) {
	static struct list list;

	list.count = 0;
	CHECK_EQ(hold_tree_list(h, add, &list), 0);
	return list;
}

static int count_of(struct hold *h) {
	struct list list = list_of(h);

	return list.count;
}

static void await_count(struct hold *h, int count) {
	while (count_of(h) != count)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

/* Until one of them has stopped itself, and nobody else is there any more or yet. */
static void await_stopped(struct hold *h) {
	struct list list;
	int stopped;

	do {
		list = list_of(h);
		stopped = 0;
		for (int i = 0; i < list.count; i++)
			stopped += list.members[i].state == 'T';
	} while (!stopped);
}

/* Until there are so many members, and so many of them have executed sleep. */
static void await_commands(struct hold *h, int count, int sleepers) {
	struct list list;
	int found;

	do {
		list = list_of(h);
		found = 0;
		for (int i = 0; i < list.count; i++)
			found += !strncmp(list.members[i].command, "sleep 6", 7);
	} while (list.count != count || found != sleepers);
}

static const struct hold_rung quick[] = { { .signal = SIGTERM, .wait_ms = 100 }, { .signal = SIGKILL } };

/* By the ladder "TERM, 100 ms, KILL"; what is left is told in `ret_left`. */
static struct hold_tree_report stop_tree(struct hold *h, int wanted) {
	struct hold_tree_report report = { .size = sizeof report };

	CHECK_EQ(hold_tree_stop(h, quick, 2, &report, NULL, NULL), wanted);
	return report;
}

static struct hold *start_tree(const char *script, int count) {
	struct hold *h = start_with(SHELL(script), &(struct hold_options){ .on_release = HOLD_ON_RELEASE_KILL,
									   .contain = HOLD_CONTAIN_NONE });

	await_count(h, count);
	return h;
}

TEST("the tree of a process is listed, parents first, each with its parent, user, state, command and reference") {
	struct hold *h = start_tree("sleep 60 & sh -c 'sleep 61; :' & wait", 4);
	struct hold *same;
	struct list list;

	await_commands(h, 4, 2);
	list = list_of(h);
	CHECK_EQ(list.members[0].pid, hold_pid(h));
	CHECK_EQ(list.members[0].parent, getpid());
	for (int i = 1; i < list.count; i++) {
		const struct hold_member *member = &list.members[i];
		bool has_parent = false;

		for (int j = 0; j < i; j++)
			has_parent |= list.members[j].pid == member->parent;
		CHECK(has_parent);
		CHECK_EQ(member->user, geteuid());
		CHECK(strchr("SRD", member->state));
		CHECK_EQ(hold_adopt_reference(&same, member->reference), 0);
		CHECK_EQ(hold_pid(same), member->pid);
		hold_release(same);
	}
	CHECK_STRING(list.members[3].command, "sleep 61");
	CHECK_EQ(stop_tree(h, HOLD_NONE_SEEN).seen, 4);
	check_status(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(h);
}

static int stop_at_second(void *context, const struct hold_member *member) {
	(void)member;
	return ++*(int *)context == 2 ? 42 : 0;
}

/* Forks, tells it, and stays until the child has ended. */
static void *fork_in_thread(void *fd) {
	const pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	CHECK_EQ(write(*(const int *)fd, &pid, sizeof pid), sizeof pid);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	return NULL;
}

TEST("the children of a thread other than the first are listed too") {
	pthread_t thread;
	struct hold *h;
	struct list list;
	int ends[2];
	pid_t pid;

	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	CHECK_EQ(pthread_create(&thread, NULL, fork_in_thread, &ends[1]), 0);
	CHECK_EQ(read(ends[0], &pid, sizeof pid), sizeof pid);
	CHECK_EQ(hold_adopt(&h, getpid()), 0);
	list = list_of(h);
	CHECK_EQ(list.count, 1);
	CHECK_EQ(list.members[0].pid, pid);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	hold_release(h);
	close(ends[0]);
	close(ends[1]);
}

TEST("a visitor ends the listing, and the answer says so and not what it returned") {
	struct hold *h = start_tree("sleep 60 & sleep 61 & wait", 3);
	int count = 0;

	CHECK_EQ(hold_tree_list(h, stop_at_second, &count), HOLD_ENOUGH);
	CHECK_EQ(count, 2);
	stop_tree(h, HOLD_NONE_SEEN);
	hold_release(h);
}

TEST("a signal goes to every member") {
	struct hold *h = start_tree("sleep 60 & sh -c 'sleep 61; :' & wait", 4);
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_tree_signal(h, 0), 0);
	CHECK_EQ(count_of(h), 4);
	CHECK_EQ(hold_tree_signal(h, 1000), -EINVAL);
	CHECK_EQ(hold_tree_signal(h, SIGKILL), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK_EQ(status.code, SIGKILL);
	CHECK_EQ(hold_tree_signal(h, SIGKILL), HOLD_GONE);
	CHECK_EQ(hold_tree_list(h, add, NULL), HOLD_GONE);
	hold_release(h);
}

TEST("members that ignore the signal, and stopped ones, are ended by the ladder, and the report counts them") {
	struct hold *h = start_tree("trap '' TERM; sleep 60 & (trap - TERM; exec sleep 61) & "
				    "(trap - TERM; exec sh -c 'kill -STOP $$; sleep 62; :') & wait",
				    4);
	struct hold_tree_report report;

	await_stopped(h);
	await_commands(h, 4, 2);
	report = stop_tree(h, HOLD_NONE_SEEN);

	CHECK_EQ(report.seen, 4);
	CHECK_EQ(report.killed + report.terminated, 4);
	CHECK(report.killed >= 2); /* the shell and the sleep that inherited what it ignores */
	CHECK(report.terminated >= 1);
	CHECK_EQ(report.survivors, 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

TEST("a process that is no member is not touched") {
	struct hold *other = start(ARGV("sleep", "60"));
	struct hold *h = start_tree("sleep 60 & wait", 2);

	stop_tree(h, HOLD_NONE_SEEN);
	CHECK_EQ(hold_wait(other, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_stop(other, NULL, 0), 0);
	hold_release(other);
	hold_release(h);
}

/* Orphans come to the calling process, which is no member of its own tree. */
static void end_orphans(void) {
	struct hold_tree_report report = { .size = sizeof report };
	struct hold *self, *h;

	CHECK_EQ(hold_orphans_adopt(1), 0);
	CHECK_EQ(hold_adopt(&self, getpid()), 0);
	CHECK_EQ(count_of(self), 0);
	h = start_own(SHELL("setsid sh -c 'trap \"\" TERM; sleep 60 & setsid sleep 61 & wait' & "
			    "setsid sh -c 'setsid sleep 62 & exec true' & exit 7"));
	check_status(h, HOLD_HOW_EXITED, 7);
	await_commands(self, 4, 3);
	CHECK_EQ(hold_tree_stop(self, quick, 2, &report, NULL, NULL), HOLD_NONE_SEEN);
	CHECK_EQ(count_of(self), 0);
	CHECK_EQ(report.seen - report.ended, 4);
	CHECK_EQ(report.killed, 3);
	hold_release(h);
	hold_release(self);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

TEST("daemons that forked twice and took sessions of their own are the tree of a subreaper, and are ended") {
	in_child(end_orphans);
}

CHECK_MAIN
