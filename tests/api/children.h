/* SPDX-License-Identifier: ISC */
/* Short ways to start processes in tests, to read what they say, and to let a forked child do a part of a test. */
#ifndef TESTS_API_CHILDREN_H
#define TESTS_API_CHILDREN_H

#include "../check.h"

#include <pidhold.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#define ACTOR(name) ACTOR_PREFIX name
/* As a word of a script. */
#define QUOTED_ACTOR(name) "'" ACTOR_PREFIX name "'"
#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SHELL(script) ARGV("/bin/sh", "-c", script)

/* Numbers that fit into no int; each, cut to 32 bits, would mean something else: 0, 9, -1, 1, INT_MAX, INT_MIN. */
#define NUMBERS_THAT_DO_NOT_FIT \
	{ \
		INT64_C(1) << 32, (INT64_C(1) << 32) + 9, (INT64_C(1) << 32) - 1, -(INT64_C(1) << 32) + 1, INT64_MIN, \
			INT64_MAX, INT64_C(2147483648), INT64_C(-2147483649) \
	}

static inline struct hold *start_with(const char *const *argv, struct hold_options *options) {
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;
	char text[512];

	options->size = sizeof *options;
	options->argv = argv;
	if (hold_spawn(&h, options, &error) < 0) {
		hold_error_text(&error, text, sizeof text);
		printf("# %s\n", text);
		check_fail(__FILE__, __LINE__, "a start that works");
	}
	return h;
}

static inline struct hold *start(const char *const *argv) {
	return start_with(argv, &(struct hold_options){ .size = 0 });
}

/* With standard output in a pipe of ours. */
static inline struct hold *start_reading(const char *const *argv) {
	return start_with(argv, &(struct hold_options){ .out = { .kind = HOLD_STDIO_PIPE } });
}

/* As a child of ours, for what only those tell: no keeper is between. */
static inline struct hold *start_own(const char *const *argv) {
	return start_with(argv, &(struct hold_options){ .contain = HOLD_CONTAIN_NONE });
}

static inline struct hold *start_own_reading(const char *const *argv) {
	return start_with(argv,
			  &(struct hold_options){ .out = { .kind = HOLD_STDIO_PIPE }, .contain = HOLD_CONTAIN_NONE });
}

static inline struct hold_status wait_for(struct hold *h) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	return status;
}

static inline void check_status(struct hold *h, int how, int code) {
	struct hold_status status = wait_for(h);

	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
}

/* To the end, which for a terminal's master is EIO; `text` gets a final NUL. Returns how many bytes there were. */
static inline size_t read_all(int fd, char *text, size_t size) {
	size_t length = 0;
	ssize_t n;

	while (length < size - 1) {
		n = read(fd, text + length, size - 1 - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			CHECK(n == 0 || errno == EIO);
			break;
		}
		length += (size_t)n;
	}
	text[length] = 0;
	return length;
}

/* Reads until `line` has been said, whatever comes before it. */
static inline void await(int fd, const char *line) {
	char text[4096];
	size_t length = 0;

	for (;;) {
		CHECK(length < sizeof text - 1);
		if (read(fd, text + length, 1) != 1) {
			text[length] = 0;
			printf("# the end came after \"%s\"\n", text);
			check_fail(__FILE__, __LINE__, line);
		}
		text[++length] = 0;
		if (strstr(text, line))
			return;
	}
}

/* Reads as many bytes as `text` has, which must be these. */
static inline void expect(int fd, const char *text) {
	char said[256];
	size_t length = 0;
	ssize_t n;

	CHECK(strlen(text) < sizeof said);
	while (length < strlen(text)) {
		n = read(fd, said + length, strlen(text) - length);
		CHECK(n > 0);
		length += (size_t)n;
	}
	said[length] = 0;
	CHECK_STRING(said, text);
}

/* A part of a test in a child made by fork; its failing or skipping is the test's. */
static inline void in_child(void (*part)(void)) {
	int status, pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(CHECK_SECONDS);
		part();
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		_exit(77);
	CHECK_EQ(status, 0);
}

/* For a child that may give up what it has: an ordinary user, who may not signal root's processes. */
static inline void become_ordinary(void) {
	if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
		SKIP("this root cannot become another user");
}

/* A child of ours that sleeps until it is signalled; plain fork, no hold. */
static inline int fork_sleeper(void) {
	int pid = fork();

	if (pid == 0) {
		alarm(CHECK_SECONDS);
		for (;;)
			pause();
	}
	CHECK(pid > 0);
	return pid;
}

static inline void end_sleeper(int pid) {
	int status;

	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static inline bool is_alive(int pid) {
	return kill(pid, 0) == 0;
}

/* Whether hold_caps says that this capability is kept in full here. */
static inline bool keeps(const char *name) {
	struct hold_cap cap = { .size = sizeof cap };

	for (size_t i = 0; hold_caps(i, &cap) == 0; i++) {
		if (!strcmp(cap.name, name))
			return cap.supported;
	}
	check_fail(__FILE__, __LINE__, name);
}

static inline int count_descriptors(void) {
	struct check_state state;
	int count = 0;

	check_observe(&state);
	for (int fd = 0; fd < 4096; fd++)
		count += (int)(state.descriptors[fd / 64] >> fd % 64 & 1);
	return count;
}

/* No number up to `highest` is left free. */
static inline void fill_descriptors(int highest) {
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
	} while (fd < highest);
	close(fd);
}

static inline void limit_descriptors(int number) {
	struct rlimit limit;

	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)number;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Also a result that must not be ignored is ignored here: the call itself is judged elsewhere. */
#define KEEPS_ERRNO(call) \
	do { \
		errno = 77; \
		if (call) { \
		} \
		CHECK_EQ(errno, 77); \
	} while (0)

#endif
