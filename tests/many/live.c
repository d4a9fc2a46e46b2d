/* SPDX-License-Identifier: ISC */
/* live PROGRAM COUNT: so many processes live at once in one set, and are ended one by one and many at a time. */
#include "../check.h"
#include "../free-memory.h"

#include <pidhold.h>

#include <poll.h>
#include <sys/resource.h>

enum { SPARE_DESCRIPTORS = 100, BYTES_A_PROCESS = 150 * 1024, STEP = 7919 /* a prime: a way through all of them */ };

/* Each ends a process, and none leaves a core. */
static const int signals[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM };

enum { SIGNALS = sizeof signals / sizeof *signals };

static const char *program;
static size_t count = 1000;

struct child {
	struct hold *hold;
	int signal; /* that is to end it */
	int told;   /* how often */
};

static void need_descriptors(void) {
	struct rlimit limit;
	int pidfd = hold_pidfd_open(getpid(), 0);

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = count + SPARE_DESCRIPTORS;
	if (limit.rlim_max < limit.rlim_cur || setrlimit(RLIMIT_NOFILE, &limit) < 0)
		SKIP("so many descriptors are not allowed here");
}

/* Ends what was started: a limit that is shared with others may be reached amid it. */
static void give_up(struct child *children, size_t started, int error) {
	for (size_t i = 0; i < started; i++)
		hold_release(children[i].hold);
	if (error == -ENOMEM)
		SKIP("so many processes need more memory than is free here");
	SKIP("so many processes are not allowed here");
}

static void start_all(struct hold_waitset *set, struct child *children) {
	const char *const argv[] = { program, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
	};
	int error;

	for (size_t i = 0; i < count; i++) {
		children[i].signal = signals[i % SIGNALS];
		error = hold_spawn(&children[i].hold, &options, NULL);
		if (error == -EAGAIN || error == -ENOMEM)
			give_up(children, i, error);
		CHECK_EQ(error, 0);
		CHECK_EQ(hold_waitset_add(set, children[i].hold, &children[i]), 0);
	}
}

static struct child *take_next(struct hold_waitset *set) {
	struct hold_status status = { .size = sizeof status };
	struct child *child;
	struct hold *h;
	void *tag;

	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &h, &tag), 0);
	child = tag;
	CHECK(child->hold == h);
	CHECK_EQ(child->told++, 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
	CHECK_EQ(status.code, child->signal);
	child->hold = hold_release(h);
	return child;
}

static bool is_readable(const struct hold_waitset *set) {
	return poll(&(struct pollfd){ .fd = hold_waitset_fd(set), .events = POLLIN }, 1, 0) == 1;
}

/* Half of them one by one, each being told before the next is ended; the others at once. */
static void end_all(struct hold_waitset *set, struct child *children) {
	struct child *child;
	size_t i, ended = 0;

	for (; ended < count / 2; ended++) {
		child = &children[ended * STEP % count];
		CHECK(!is_readable(set));
		CHECK_EQ(hold_signal(child->hold, child->signal), 0);
		CHECK(take_next(set) == child);
	}
	for (i = ended; i < count; i++) {
		child = &children[i * STEP % count];
		CHECK_EQ(hold_signal(child->hold, child->signal), 0);
	}
	for (; ended < count; ended++)
		take_next(set);
}

TEST("of all that live in a set each is told once, as what it was, one by one and many at a time") {
	struct child *children = calloc(count, sizeof *children);
	struct hold_waitset *set;
	struct hold *h;

	CHECK(children);
	CHECK(count % STEP);
	need_descriptors();
	need_memory((long long)count * BYTES_A_PROCESS);
	CHECK_EQ(hold_waitset_new(&set), 0);
	start_all(set, children);
	CHECK_EQ(hold_waitset_next(set, HOLD_NOW, &h, NULL), HOLD_PENDING);
	end_all(set, children);
	CHECK_EQ(hold_waitset_next(set, HOLD_NOW, &h, NULL), -ENOENT);
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(children[i].told, 1);
	hold_waitset_free(set);
	free(children);
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	program = argv[1];
	if (argc > 2)
		count = (size_t)atol(argv[2]);
	/* What is taken once in a process is taken now: the harness compares descriptors before and after each test. */
	hold_fds_reserve();
	return check_run("");
}
