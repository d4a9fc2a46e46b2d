/* SPDX-License-Identifier: ISC */
/*
 * Between clone and exec no function of libc is called, not even one that another library has put in its place: such
 * a library knows nothing of a child in the memory of its program. preload.c is loaded here, and ends such a child.
 */
#include "../check.h"

#include <pidhold.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/resource.h>

static void arm(void) {
	void *found = dlsym(RTLD_DEFAULT, "preload_arm");
	void (*preload_arm)(void);

	CHECK(found != NULL);
	memcpy(&preload_arm, &found, sizeof found);
	preload_arm();
}

/* Starts it twice, with a copy of the table and without one, and once with a deadline. */
static void start(struct hold_options *options) {
	static const char *const argv[] = { "true", NULL }, *const env[] = { "PATH=/usr/bin:/bin", NULL };
	struct hold_status status = { .size = sizeof status };
	struct hold_error error = { .size = sizeof error };
	struct hold *h;

	options->size = sizeof *options;
	options->argv = argv;
	options->env = env;
	for (int i = 0; i < 3; i++) {
		options->start_deadline = i == 2 ? hold_after_ms(60000) : 0;
		if (hold_spawn(&h, options, &error) < 0) {
			printf("# %s %s\n", hold_step_name(error.step), error.object);
			CHECK_EQ(error.code, 0);
		}
		CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
		CHECK_EQ(status.how, HOLD_HOW_EXITED);
		CHECK_EQ(status.code, 0);
		hold_release(h);
	}
}

TEST("a child of fork that sets a variable is ended: the library is loaded and armed") {
	int status, pid;

	arm();
	pid = fork();
	if (pid == 0) {
		setenv("ANYTHING", "", 1);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST("a start with pipes, files and descriptors that pass") {
	const struct hold_pass pass[] = { { 2, 7 }, { 1, 3 } };
	int high = fcntl(2, F_DUPFD_CLOEXEC, 600);
	const struct hold_pass far[] = { { high, 9 } };

	arm();
	start(&(struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE }, .out = { .kind = HOLD_STDIO_PIPE } });
	start(&(struct hold_options){ .in = { .kind = HOLD_STDIO_FILE, .path = "/dev/null" },
				      .out = { .kind = HOLD_STDIO_APPEND, .path = "/dev/null" },
				      .err = { .kind = HOLD_STDIO_LIKE_STDOUT } });
	start(&(struct hold_options){ .pass = pass, .pass_count = 2 });
	start(&(struct hold_options){ .pass = far, .pass_count = 1 });
	start(&(struct hold_options){ .flags = HOLD_PASS_ALL });
	close(high);
}

TEST("a start on a terminal, in a directory, with settings") {
	const struct hold_terminal terminal = { .size = sizeof terminal };
	const struct hold_limit limits[] = { { .resource = RLIMIT_CORE } };

	arm();
	start(&(struct hold_options){ .terminal = &terminal });
	start(&(struct hold_options){ .directory = "/", .nice = 1, .flags = HOLD_NEW_SESSION });
	start(&(struct hold_options){ .limits = limits,
				      .limit_count = 1,
				      .umask = 077,
				      .parent_death_signal = SIGTERM,
				      .keep_ignored = ~UINT64_C(0),
				      .flags = HOLD_NEW_GROUP | HOLD_SET_UMASK | HOLD_NO_NEW_PRIVS });
}

TEST("a start as another user") {
	const uint32_t groups[] = { 65534 };
	const struct hold_ids ids = {
		.size = sizeof ids,
		.set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS,
		.user = 65534,
		.group = 65534,
		.groups = groups,
		.group_count = 1,
	};

	const struct hold_options options = { .size = sizeof options,
					      .contain = HOLD_CONTAIN_NONE,
					      .argv = (const char *const[]){ "true", NULL },
					      .ids = &ids };
	struct hold *h = NULL;

	if (geteuid() != 0)
		SKIP("only root may become another user");
	if (hold_spawn(&h, &options, NULL) == -EPERM)
		SKIP("this root cannot become another user");
	hold_release(h);
	arm();
	start(&(struct hold_options){ .ids = &ids });
}

TEST("a start that fails") {
	static const char *const argv[] = { "/no/such/program", NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .argv = argv, .program = "/"
	};
	struct hold *h;

	arm();
	CHECK_EQ(hold_spawn(&h, &options, NULL), -EACCES);
}

/* Executes itself with the library: the system's programs that come before a test may have another C library. */
int main(int argc, char **argv) {
	if (argc > 1 && !getenv("LD_PRELOAD")) {
		setenv("LD_PRELOAD", argv[1], 1);
		execv("/proc/self/exe", argv);
		return 99;
	}
	return check_run(argc > 2 ? argv[2] : "");
}
