/* SPDX-License-Identifier: ISC */
/* What -Dplatform=posix promises in its own way, and that it says what it does not promise. */
#include "../api/children.h"

#include <fcntl.h>

static int start_of(struct hold **ret, const struct hold_options *given, struct hold_error *reterr) {
	static const char *const nothing[] = { "true", NULL };
	struct hold_options options = *given;

	options.size = sizeof options;
	if (!options.argv)
		options.argv = nothing;
	reterr->size = sizeof *reterr;
	return hold_spawn(ret, &options, reterr);
}

static void check_refused(const struct hold_options *options, int step) {
	struct hold_error error;
	struct hold *h;

	CHECK_EQ(start_of(&h, options, &error), -ENOSYS);
	CHECK_EQ(error.step, step);
	CHECK(error.need && strstr(error.need, "Linux"));
}

TEST("no capability is told to be there, and each tells what is used instead and what it needs") {
	struct hold_cap cap = { .size = sizeof cap };
	size_t count = 0;

	for (; hold_caps(count, &cap) == 0; count++) {
		CHECK_EQ(cap.supported, 0);
		CHECK(cap.mechanism && *cap.mechanism);
		CHECK(cap.need && strstr(cap.need, "Linux"));
	}
	CHECK(count > 10);
}

TEST("a containment that takes a keeper is refused with what it needs, and the automatic one is none") {
	struct hold_error error;
	struct hold *h;

	check_refused(&(struct hold_options){ .contain = HOLD_CONTAIN_KEEPER }, HOLD_AT_CONTAINMENT);
	check_refused(&(struct hold_options){ .contain = HOLD_CONTAIN_CGROUP }, HOLD_AT_CONTAINMENT);
	check_refused(&(struct hold_options){ .contain = HOLD_CONTAIN_PIDNS }, HOLD_AT_CONTAINMENT);
	CHECK_EQ(start_of(&h, &(struct hold_options){ .contain = HOLD_CONTAIN_AUTO }, &error), 0);
	CHECK_EQ(hold_containment(h), HOLD_CONTAIN_NONE);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("settings that POSIX does not have are refused with what they need") {
	check_refused(&(struct hold_options){ .flags = HOLD_SET_OOM_SCORE, .oom_score_adj = 500 }, HOLD_AT_OOM_SCORE);
	check_refused(&(struct hold_options){ .flags = HOLD_SET_IO_PRIORITY, .io_priority = 16390 },
		      HOLD_AT_IO_PRIORITY);
	check_refused(&(struct hold_options){ .flags = HOLD_NO_NEW_PRIVS }, HOLD_AT_NO_NEW_PRIVS);
	check_refused(&(struct hold_options){ .parent_death_signal = SIGTERM }, HOLD_AT_PARENT_DEATH_SIGNAL);
}

TEST("what takes a process descriptor, a look at descendants or a low descriptor is -ENOSYS") {
	struct hold_status status = { .size = sizeof status };
	struct hold_waitset *set;
	struct hold *h = start(ARGV("sleep", "60")), *other;
	char text[HOLD_REFERENCE_SIZE];

	CHECK_EQ(hold_adopt(&other, getpid()), -ENOSYS);
	CHECK_EQ(hold_adopt_reference(&other, "1:1"), -ENOSYS);
	CHECK_EQ(hold_pidfd_open(getpid(), 0), -ENOSYS);
	CHECK_EQ(hold_reference(h, text, sizeof text), -ENOSYS);
	CHECK_EQ(hold_tree_signal(h, SIGTERM), -ENOSYS);
	CHECK_EQ(hold_tree_wait(h, HOLD_NOW), -ENOSYS);
	CHECK_EQ(hold_waitset_new(&set), -ENOSYS);
	CHECK_EQ(hold_orphans_adopt(1), -ENOSYS);
	CHECK_EQ(hold_orphans_reap(NULL, NULL), -ENOSYS);
	CHECK_EQ(hold_fds_reserve(), -ENOSYS);
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), 0);
	CHECK(status.how == HOLD_HOW_SIGNALLED && status.code == SIGTERM);
	hold_release(h);
}

TEST("a process that has ended keeps its number until it is waited for, and then no signal is sent") {
	struct hold *h = start(ARGV("true"));
	const int pid = (int)hold_pid(h);
	siginfo_t info;

	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	CHECK_EQ(hold_signal(h, SIGKILL), HOLD_GONE);
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
	hold_release(h);
}

TEST("a signal to the group reaches the members of the child's, and no one once it was waited for") {
	struct hold *h;
	struct hold_error error;
	const struct hold_options options = { .argv = ARGV("/bin/sh", "-c", "sleep 60 & echo up; wait"),
					      .contain = HOLD_CONTAIN_GROUP,
					      .out = { .kind = HOLD_STDIO_PIPE } };
	char byte;

	CHECK_EQ(start_of(&h, &options, &error), 0);
	await(hold_stream(h, 1), "up\n");
	CHECK_EQ(hold_group_signal(h, SIGKILL), 0);
	CHECK_EQ(read(hold_stream(h, 1), &byte, 1), 0); /* sleep had it open too */
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	CHECK_EQ(hold_group_signal(h, SIGKILL), -ENOSYS);
	hold_release(h);
}

static void end_with_value(int signal, siginfo_t *info, void *context) {
	(void)signal, (void)context;
	_exit(info->si_code == SI_QUEUE ? info->si_value.sival_int : 99);
}

/* This program as a process that ends with the value that its signal has. */
__attribute__((noreturn)) static void listen_for_value(void) {
	const struct sigaction action = { .sa_sigaction = end_with_value, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

TEST("a signal takes its value along") {
	struct hold *h = start_reading(ARGV("/proc/self/exe", "listen"));

	await(hold_stream(h, 1), "ready\n");
	CHECK_EQ(hold_signal_value(h, 1000, 1), -EINVAL);
	CHECK_EQ(hold_signal_value(h, SIGUSR1, 42), 0);
	check_status(h, HOLD_HOW_EXITED, 42);
	CHECK_EQ(hold_signal_value(h, SIGUSR1, 42), HOLD_GONE);
	hold_release(h);
}

TEST("descriptors that do not pass are closed, also high ones and those around the pipe of the start") {
	const int high = fcntl(1, F_DUPFD, 700), low = fcntl(1, F_DUPFD, 3);
	const struct hold_options options = { .argv = ARGV(LIST_DESCRIPTORS), .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold_error error;
	struct hold *h;
	char text[256];
	int fd, others = 0;

	CHECK(high >= 700 && low >= 3);
	CHECK_EQ(start_of(&h, &options, &error), 0);
	read_all(hold_stream(h, 1), text, sizeof text);
	for (const char *line = text; sscanf(line, "%d", &fd) == 1; line = strchr(line, '\n') + 1)
		others += fd > 2;
	CHECK_EQ(others, 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	close(high);
	close(low);
}

TEST("a capture that is late ends the command by its ladder, and knows how it ended") {
	const struct hold_options options = { .size = sizeof options, .argv = ARGV("sleep", "60") };
	const struct hold_capture_options run = { .size = sizeof run,
						  .options = &options,
						  .deadline = hold_after_ms(100) };
	struct hold_capture_result result = { .size = sizeof result };

	CHECK_EQ(hold_capture(&result, &run, NULL), HOLD_SURVIVORS);
	CHECK_EQ(result.timed_out, 1);
	CHECK(result.status.how == HOLD_HOW_SIGNALLED && result.status.code == SIGTERM);
	hold_capture_free(&result);
}

int main(int argc, char **argv) {
	if (argc > 1 && strcmp(argv[1], "listen") == 0)
		listen_for_value();
	return check_run(argc > 1 ? argv[1] : "");
}
