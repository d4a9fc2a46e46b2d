/* SPDX-License-Identifier: ISC */
/*
 * The test harness. A test program is a list of TEST("a sentence") { ... } and CHECK_MAIN; it prints TAP.
 *
 * Each test runs in a process of its own, with an alarm, and fails if it leaves anything behind: a descriptor, a
 * child, a blocked signal, a changed disposition. (Memory is looked after by the sanitizer build.) A CHECK that fails
 * ends the process it stands in with status 1, so one in a child that the test made must be looked for by the test.
 * A program may be given a part of a sentence: then only the tests whose sentences have it are run.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct check_test {
	const char *sentence;
	void (*run)(void);
	struct check_test *next;
};

static struct check_test *check_first, **check_last = &check_first;

static inline void check_add(struct check_test *test) {
	*check_last = test;
	check_last = &test->next;
}

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)
#define TEST(words) \
	static void CHECK_JOIN(test_, __LINE__)(void); \
	__attribute__((constructor)) static void CHECK_JOIN(register_, __LINE__)(void) { \
		static struct check_test test = { words, CHECK_JOIN(test_, __LINE__), NULL }; \
		check_add(&test); \
	} \
	static void CHECK_JOIN(test_, __LINE__)(void)

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			check_fail(__FILE__, __LINE__, #condition); \
	} while (0)

/* Two integers that are to be equal; both are printed if they are not. */
#define CHECK_EQ(is, wanted) \
	do { \
		intmax_t check_is = (intmax_t)(is), check_wanted = (intmax_t)(wanted); \
		if (check_is != check_wanted) { \
			printf("# %jd, not %jd\n", check_is, check_wanted); \
			check_fail(__FILE__, __LINE__, #is " == " #wanted); \
		} \
	} while (0)

#define CHECK_STRING(is, wanted) \
	do { \
		const char *check_is = (is), *check_wanted = (wanted); \
		if (strcmp(check_is, check_wanted)) { \
			printf("# \"%s\", not \"%s\"\n", check_is, check_wanted); \
			check_fail(__FILE__, __LINE__, #is " is " #wanted); \
		} \
	} while (0)

/* The test cannot be made on this system; the reason must be one that tests/expected-skips knows. */
#define SKIP(reason) \
	do { \
		printf("# SKIP %s\n", reason); \
		fflush(stdout); \
		_exit(77); \
	} while (0)

#define CHECK_MAIN \
	int main(int argc, char **argv) { \
		return check_run(argc > 1 ? argv[1] : ""); \
	}

__attribute__((noreturn)) static inline void check_fail(const char *file, int line, const char *what) {
	printf("# %s:%d: %s\n", file, line, what);
	fflush(stdout);
	_exit(1);
}

/* This test takes a "child" or a "descriptor" of the library's on purpose: src/guard lets that pass from here on. */
static inline void check_takes(const char *what) {
	setenv("PIDHOLD_GUARD", what, 1);
}

/* What a test may not change. */
struct check_state {
	uint64_t descriptors[64]; /* a bit each, up to 4095 */
	sigset_t mask;
	void (*handlers[65])(int);
};

static inline void check_observe(struct check_state *state) {
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	memset(state, 0, sizeof *state);
	while (directory && (entry = readdir(directory))) {
		unsigned fd = (unsigned)atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != (unsigned)dirfd(directory) && fd < 4096)
			state->descriptors[fd / 64] |= UINT64_C(1) << fd % 64;
	}
	if (directory)
		closedir(directory);
	sigprocmask(SIG_SETMASK, NULL, &state->mask);
	for (int signal = 1; signal <= 64; signal++) {
		struct sigaction action = { .sa_handler = SIG_DFL };

		sigaction(signal, NULL, &action);
		state->handlers[signal] = action.sa_handler;
	}
}

static inline void check_compare(const struct check_state *before) {
	struct check_state after;
	siginfo_t child = { .si_pid = 0 };

	check_observe(&after);
	for (int fd = 0; fd < 4096; fd++) {
		bool was = before->descriptors[fd / 64] >> fd % 64 & 1, is = after.descriptors[fd / 64] >> fd % 64 & 1;

		if (was != is) {
			printf("# descriptor %d was %s\n", fd, was ? "open and is closed" : "closed and is open");
			check_fail(__FILE__, __LINE__, "descriptors as before");
		}
	}
	for (int signal = 1; signal <= 64; signal++) {
		if (sigismember(&before->mask, signal) != sigismember(&after.mask, signal)) {
			printf("# signal %d\n", signal);
			check_fail(__FILE__, __LINE__, "the signal mask as before");
		}
		if (before->handlers[signal] != after.handlers[signal]) {
			printf("# signal %d\n", signal);
			check_fail(__FILE__, __LINE__, "dispositions as before");
		}
	}
	if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0) {
		printf("# child %d\n", (int)child.si_pid);
		check_fail(__FILE__, __LINE__, "no child is left");
	}
}

/* Ends what hangs, also on a machine that is many times slower than most. */
#ifndef CHECK_SECONDS
#define CHECK_SECONDS 120
#endif

__attribute__((noreturn)) static inline void check_run_here(const struct check_test *test) {
	struct check_state before;

	setpgid(0, 0);
	alarm(CHECK_SECONDS);
	check_observe(&before);
	test->run();
	check_compare(&before);
	fflush(stdout);
	exit(0);
}

static inline int check_run(const char *part) {
	int number = 0, failed = 0, status, pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct check_test *test = check_first; test; test = test->next) {
		if (!strstr(test->sentence, part))
			continue;
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			check_run_here(test);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		kill(-pid, SIGKILL); /* whoever a failed test left in its group */
		number++;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			printf("ok %d - %s # SKIP see above\n", number, test->sentence);
			continue;
		}
		if (WIFSIGNALED(status))
			printf("# ended by signal %d%s\n", WTERMSIG(status),
			       WTERMSIG(status) == SIGALRM ? ": out of time" : "");
		failed += status != 0;
		printf("%s %d - %s\n", status ? "not ok" : "ok", number, test->sentence);
	}
	printf("1..%d\n", number);
	return failed != 0;
}

#endif
