/* SPDX-License-Identifier: ISC */
/*
 * exits PROGRAM COUNT: threads with a set each start that many processes, which end at once, each with a status by
 * which it is known; each end is told with its own tag and its own status, while the numbers of processes and of
 * descriptors are used again and again. Among them live some that do not end.
 */
#include "../check.h"

#include <pidhold.h>

#include <pthread.h>

enum { THREADS = 4, ENDING = 25, STAYING = 25, STATUSES = 251 };

static const char *program;
static long count = 1000;

struct child {
	struct hold *hold;
	int status;
};

struct teller {
	pthread_t thread;
	long first, end; /* the numbers of its processes */
	struct hold_waitset *set;
	struct child ending[ENDING], staying[STAYING];
};

static void start_in(struct hold_waitset *set, struct child *child, const char *status) {
	const char *const argv[] = { program, status, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
	};
	struct hold_error error = { .size = sizeof error };
	char text[512];

	if (hold_spawn(&child->hold, &options, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		printf("# %s\n", text);
		check_fail(__FILE__, __LINE__, "a start that works");
	}
	CHECK_EQ(hold_waitset_add(set, child->hold, child), 0);
}

static void start_numbered(struct hold_waitset *set, struct child *child, long number) {
	char status[8];

	child->status = (int)(number % STATUSES);
	snprintf(status, sizeof status, "%d", child->status);
	start_in(set, child, status);
}

/* The next that ended, which must be the child that its tag is, and must have ended like this. */
static struct child *take_next(struct hold_waitset *set, int how) {
	struct hold_status status = { .size = sizeof status };
	struct child *child;
	struct hold *h;
	void *tag;

	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &h, &tag), 0);
	child = tag;
	CHECK(child->hold == h);
	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, child->status);
	child->hold = hold_release(h);
	return child;
}

static void end_those_that_stay(struct teller *teller) {
	struct hold *h;

	CHECK_EQ(hold_waitset_next(teller->set, HOLD_NOW, &h, NULL), HOLD_PENDING);
	for (int i = 0; i < STAYING; i++) {
		CHECK_EQ(hold_signal(teller->staying[i].hold, SIGKILL), 0);
		CHECK(take_next(teller->set, HOLD_HOW_SIGNALLED) == &teller->staying[i]);
	}
	CHECK_EQ(hold_waitset_next(teller->set, HOLD_NOW, &h, NULL), -ENOENT);
}

static void *tell(void *argument) {
	struct teller *teller = argument;
	long next = teller->first;

	CHECK_EQ(hold_waitset_new(&teller->set), 0);
	for (int i = 0; i < STAYING; i++) {
		teller->staying[i].status = SIGKILL;
		start_in(teller->set, &teller->staying[i], NULL);
	}
	for (int i = 0; i < ENDING && next < teller->end; i++)
		start_numbered(teller->set, &teller->ending[i], next++);
	for (long told = teller->first; told < teller->end; told++) {
		struct child *child = take_next(teller->set, HOLD_HOW_EXITED);

		if (next < teller->end)
			start_numbered(teller->set, child, next++);
	}
	end_those_that_stay(teller);
	hold_waitset_free(teller->set);
	return NULL;
}

static void need_pidfds(void) {
	int pidfd = hold_pidfd_open(getpid(), 0);

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
}

TEST("of all the processes that threads start and that end at once each is told once, with its tag and its status") {
	struct teller tellers[THREADS];

	need_pidfds();
	memset(tellers, 0, sizeof tellers);
	for (int i = 0; i < THREADS; i++) {
		tellers[i].first = count * i / THREADS;
		tellers[i].end = count * (i + 1) / THREADS;
		CHECK_EQ(pthread_create(&tellers[i].thread, NULL, tell, &tellers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(tellers[i].thread, NULL), 0);
	printf("# %ld processes\n", count);
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	program = argv[1];
	if (argc > 2)
		count = atol(argv[2]);
	/* What is taken once in a process is taken now: the harness compares descriptors before and after each test. */
	hold_fds_reserve();
	return check_run("");
}
