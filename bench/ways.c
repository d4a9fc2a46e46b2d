/* SPDX-License-Identifier: ISC */
#include "ways.h"
#include "figures.h"
#include "../tests/start-info.h"

#include <pidhold.h>

#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif
#ifdef HAVE_GLIB
#include <glib.h>
#endif

extern char **environ;

const char *ways_child;
int ways_high = -1, ways_table;

static char *child_argv[] = { "child", NULL };
static pid_t pid;
static int pidfd, master = -1, subordinate = -1;
static struct hold *hold;

/* ---- the floor: clone with VM, VFORK and PIDFD, execve, waitid, and nothing else ---- */

static int execute(void *unused) {
	(void)unused;
	execve(ways_child, child_argv, environ);
	_exit(127);
}

static void start_bare(void) {
	static char stack[16384] __attribute__((aligned(16)));

	if (clone(execute, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL, &pidfd) < 0)
		fail("clone");
}

static void finish_bare(void) {
	siginfo_t info;

	if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED) < 0)
		fail("waitid");
	close(pidfd);
}

/* The same with the opening and closing of a terminal, which every start on a terminal needs. */
static void start_bare_on_terminal(void) {
	int unlock = 0;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		fail("/dev/ptmx");
	subordinate = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	start_bare();
	close(subordinate);
}

static void finish_bare_on_terminal(void) {
	finish_bare();
	close(master);
}

/* ---- ours ---- */

static void start_hold_with(const struct hold_terminal *terminal, const struct hold_pass *pass, int32_t containment) {
	const struct hold_options options = {
		.size = sizeof options,
		.contain = containment,
		.program = ways_child,
		.argv = (const char *const *)child_argv,
		.terminal = terminal,
		.pass = pass,
		.pass_count = pass != NULL,
	};

	if (hold_spawn(&hold, &options, NULL) < 0)
		fail("hold_spawn");
	ways_table = table_of(hold);
}

static void start_hold(void) {
	start_hold_with(NULL, NULL, HOLD_CONTAIN_NONE);
}

static void start_hold_high(void) {
	start_hold_with(NULL, &(const struct hold_pass){ ways_high, 3 }, HOLD_CONTAIN_NONE);
}

static void start_hold_on_terminal(void) {
	const struct hold_terminal terminal = { .size = sizeof terminal };

	start_hold_with(&terminal, NULL, HOLD_CONTAIN_NONE);
}

static void start_hold_contained(void) {
	const struct hold_terminal terminal = { .size = sizeof terminal };

	start_hold_with(&terminal, NULL, HOLD_CONTAIN_KEEPER);
}

static void finish_hold(void) {
	hold_wait(hold, HOLD_FOREVER, NULL);
	hold_release(hold);
}

/* ---- libc's ---- */

static void start_posix_spawn(void) {
	if (posix_spawn(&pid, ways_child, NULL, NULL, child_argv, environ) != 0)
		fail("posix_spawn");
}

/* Keeps the promise of hold_spawn: the child gets no descriptor that was not named. */
static void start_posix_spawn_closing(void) {
	posix_spawn_file_actions_t actions;

	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addclosefrom_np(&actions, 3) != 0 ||
	    posix_spawn(&pid, ways_child, &actions, NULL, child_argv, environ) != 0)
		fail("posix_spawn");
	posix_spawn_file_actions_destroy(&actions);
}

static void start_fork(void) {
	pid = fork();
	if (pid == 0)
		execute(NULL);
	if (pid < 0)
		fail("fork");
}

static void finish_pid(void) {
	waitpid(pid, NULL, 0);
}

static void start_forkpty(void) {
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0)
		execute(NULL);
	if (pid < 0)
		fail("forkpty");
}

static void finish_forkpty(void) {
	waitpid(pid, NULL, 0);
	close(master);
}

/* ---- other libraries ---- */

#ifdef HAVE_LIBUV
static uv_process_t process;

static void close_process(uv_process_t *ended, int64_t status, int signal) {
	(void)status, (void)signal;
	uv_close((uv_handle_t *)ended, NULL);
}

static void start_libuv(void) {
	uv_process_options_t options = { .exit_cb = close_process, .file = ways_child, .args = child_argv };

	if (uv_spawn(uv_default_loop(), &process, &options) != 0)
		fail("uv_spawn");
}

static void finish_libuv(void) {
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
#else
#define start_libuv NULL
#define finish_libuv NULL
#endif

#ifdef HAVE_GLIB
static void start_glib(void) {
	char *words[] = { (char *)(uintptr_t)ways_child, NULL };

	if (!g_spawn_async(NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL))
		fail("g_spawn_async");
}
#else
#define start_glib NULL
#endif

const struct way ways[WAYS] = {
	[BARE] = { "bare calls", start_bare, finish_bare },
	[HOLD] = { "hold_spawn", start_hold, finish_hold },
	[HOLD_HIGH] = { "hold_spawn, passing a high number", start_hold_high, finish_hold },
	[POSIX_SPAWN] = { "posix_spawn", start_posix_spawn, finish_pid },
	[POSIX_SPAWN_CLOSING] = { "posix_spawn, closing from 3 on", start_posix_spawn_closing, finish_pid },
	[FORK] = { "fork, exec", start_fork, finish_pid },
	[LIBUV] = { "libuv, uv_spawn", start_libuv, finish_libuv },
	[GLIB] = { "GLib, g_spawn_async", start_glib, finish_pid },
	[BARE_ON_TERMINAL] = { "bare calls, a terminal", start_bare_on_terminal, finish_bare_on_terminal },
	[HOLD_ON_TERMINAL] = { "hold_spawn on a terminal", start_hold_on_terminal, finish_hold },
	[HOLD_CONTAINED] = { "the same with a keeper", start_hold_contained, finish_hold },
	[FORKPTY] = { "forkpty, exec", start_forkpty, finish_forkpty },
};
