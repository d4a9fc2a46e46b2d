/* SPDX-License-Identifier: ISC */
/* The list of hooks, from within: what tests of the public functions cannot reach. */
#include "../check.h"

#include "core/audit.h"

#include <pidhold.h>

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, HOOKS_A_THREAD = 200 };

static int order[8];
static int told;

static int note(void *context, const struct hold_event *event) {
	(void)event;
	order[told++] = *(const int *)context;
	return 0;
}

static int forbid(void *context, const struct hold_event *event) {
	(void)event;
	order[told++] = -1;
	return *(const int *)context;
}

TEST("without a hook everything is let be") {
	CHECK_EQ(audit(AUDIT_OS_KILL, 1, 2), 0);
	CHECK_EQ(audit_program(AUDIT_SPAWN, "program", NULL), 0);
}

TEST("hooks are told in the order in which they were added, up to the first that forbids") {
	static const int one = 1, two = 2, three = 3, error = -EACCES;

	CHECK_EQ(hold_audit_add(note, (void *)(uintptr_t)&one), 0);
	CHECK_EQ(hold_audit_add(note, (void *)(uintptr_t)&two), 0);
	CHECK_EQ(audit(AUDIT_STOP, 1, 0), 0);
	CHECK_EQ(hold_audit_add(forbid, (void *)(uintptr_t)&error), 0);
	CHECK_EQ(hold_audit_add(note, (void *)(uintptr_t)&three), 0);
	CHECK_EQ(audit(AUDIT_STOP, 1, 0), -EACCES);
	CHECK_EQ(told, 5);
	CHECK(order[0] == 1 && order[1] == 2 && order[2] == 1 && order[3] == 2 && order[4] == -1);
}

TEST("a positive answer does not forbid") {
	static const int answer = 7;

	CHECK_EQ(hold_audit_add(forbid, (void *)(uintptr_t)&answer), 0);
	CHECK_EQ(audit(AUDIT_STOP, 1, 0), 0);
	CHECK_EQ(audit_program(AUDIT_SPAWN, "program", NULL), 0);
	CHECK_EQ(told, 2);
}

static struct hold_event last;

static int keep(void *context, const struct hold_event *event) {
	(void)context;
	last = *event;
	return 0;
}

TEST("each event has its own name and as many numbers as it has, the others being 0") {
	static const struct {
		const char *name;
		size_t count;
		const char *labels[2];
	} wanted[] = {
		[AUDIT_OS_FORKPTY] = { "os.forkpty", 0, { NULL, NULL } },
		[AUDIT_OS_KILL] = { "os.kill", 2, { "pid", "signal" } },
		[AUDIT_OS_KILLPG] = { "os.killpg", 2, { "pgid", "signal" } },
		[AUDIT_SIGNAL_PTHREAD_KILL] = { "signal.pthread_kill", 2, { "thread", "signal" } },
		[AUDIT_SPAWN] = { "pidhold.spawn", 0, { NULL, NULL } },
		[AUDIT_STOP] = { "pidhold.stop", 1, { "pid", NULL } },
		[AUDIT_SIGNAL] = { "pidhold.signal", 2, { "pid", "signal" } },
		[AUDIT_SIGNAL_TREE] = { "pidhold.signal_tree", 2, { "pid", "signal" } },
		[AUDIT_STOP_TREE] = { "pidhold.stop_tree", 1, { "pid", NULL } },
		[AUDIT_ADOPT] = { "pidhold.adopt", 1, { "pid", NULL } },
	};

	CHECK_EQ(hold_audit_add(keep, NULL), 0);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		CHECK_EQ(audit((enum audit_event)i, INT64_MIN, INT64_MAX), 0);
		CHECK_EQ(last.size, sizeof last);
		CHECK_STRING(last.name, wanted[i].name);
		CHECK_EQ(last.count, wanted[i].count);
		CHECK_EQ(last.numbers[0], last.count > 0 ? INT64_MIN : 0);
		CHECK_EQ(last.numbers[1], last.count > 1 ? INT64_MAX : 0);
		for (size_t j = 0; j < 2; j++) {
			CHECK(!last.labels[j] == !wanted[i].labels[j]);
			CHECK(!last.labels[j] || !strcmp(last.labels[j], wanted[i].labels[j]));
		}
		CHECK(!last.program && !last.argv);
	}
}

TEST("a start tells its program and its arguments, and no number") {
	static const char *const argv[] = { "a", "b", NULL };

	CHECK_EQ(hold_audit_add(keep, NULL), 0);
	CHECK_EQ(audit_program(AUDIT_SPAWN, "/bin/a", argv), 0);
	CHECK_STRING(last.name, "pidhold.spawn");
	CHECK_STRING(last.program, "/bin/a");
	CHECK(last.argv == argv);
	CHECK_EQ(last.count, 0);
}

static int add_another(void *context, const struct hold_event *event) {
	static const int nine = 9;

	(void)context, (void)event;
	return told == 0 ? hold_audit_add(note, (void *)(uintptr_t)&nine) : 0;
}

TEST("a hook that is added by a hook is told of the very act, being behind it in the list") {
	CHECK_EQ(hold_audit_add(add_another, NULL), 0);
	CHECK_EQ(audit(AUDIT_STOP, 1, 0), 0);
	CHECK_EQ(told, 1);
	CHECK_EQ(order[0], 9);
}

static atomic_int calls[THREADS][HOOKS_A_THREAD];

static int count_call(void *context, const struct hold_event *event) {
	(void)event;
	atomic_fetch_add((atomic_int *)context, 1);
	return 0;
}

static void *add_many(void *mine) {
	for (int i = 0; i < HOOKS_A_THREAD; i++) {
		CHECK_EQ(hold_audit_add(count_call, (atomic_int *)mine + i), 0);
		CHECK_EQ(audit(AUDIT_STOP, 1, 0), 0);
		CHECK(atomic_load((atomic_int *)mine + i) >= 1); /* its own hook is in the list */
	}
	return NULL;
}

TEST("hooks that several threads add at once are all there, each once") {
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, add_many, calls[i]), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	memset(calls, 0, sizeof calls);
	CHECK_EQ(audit(AUDIT_STOP, 1, 0), 0);
	for (int i = 0; i < THREADS * HOOKS_A_THREAD; i++)
		CHECK_EQ(calls[i / HOOKS_A_THREAD][i % HOOKS_A_THREAD], 1);
}

CHECK_MAIN
