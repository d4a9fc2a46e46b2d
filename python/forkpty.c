/* SPDX-License-Identifier: ISC */
/*
 * os.forkpty: its refusals, auditing, at-fork handlers and the warning about threads, as in CPython. Three defects of
 * CPython are avoided: here the error survives the handlers, the master is close-on-exec from birth, and a warning that
 * is turned into an error leaves neither child nor descriptor behind.
 *
 * Threads are counted after the handlers that run before the fork, since these may end threads. But no Python code may
 * run then: from 3.13 on the interpreter's list of threads is locked from there to the handlers that run after the
 * fork, and code that starts or ends a thread would wait for ever. So whether the warning would be an error is found
 * out before all of that (foresee); the warning itself is issued after it, with a child or without.
 */
#include "forkpty.h"
#include "convert.h"
#include "runtime.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

const char pidhold_forkpty_doc[] =
	"forkpty($module, /)\n--\n\n"
	"Fork a new process with a new pseudo-terminal as controlling tty.\n\n"
	"Returns a tuple of (pid, master_fd).\n"
	"Like fork(), return pid of 0 to the child process, where there is no master (-1),\n"
	"and pid of child to the parent process, whose master is not inheritable.\n\n"
	"With several threads there is a DeprecationWarning; turned into an error it leaves\n"
	"no child behind. pidhold.spawn() has no such trouble. On macOS the use of this\n"
	"function is unsafe when mixed with using higher-level system APIs, and that includes\n"
	"using urllib.request.";

/* Means that the warning is an error; no fork fails with this errno. */
enum { WARNING_IS_ERROR = -EOWNERDEAD };

struct warning {
	char text[160];
	int is_error; /* found out before the fork */
	int threads;  /* how many there are; with more than one the warning is due */
	int unseen;   /* where the system does not tell, the threads that Python knows; else 0 */
};

/* Stores what pidhold._warning.foresee() returns. -1 with an exception set. */
static int foresee(struct warning *warning) {
	PyObject *module, *told;
	int result;

	snprintf(warning->text, sizeof warning->text,
		 "This process (pid=%d) is multi-threaded, use of forkpty() may lead to deadlocks in the child.",
		 (int)getpid());
	module = PyImport_ImportModule("pidhold._warning");
	told = module ? PyObject_CallMethod(module, "foresee", "s", warning->text) : NULL;
	result = told && PyArg_ParseTuple(told, "ii", &warning->is_error, &warning->unseen) ? 0 : -1;
	Py_XDECREF(told);
	Py_XDECREF(module);
	return result;
}

/* -1 with an exception set: the warning is an error. */
static int warn(const struct warning *warning) {
	return PyErr_WarnEx(PyExc_DeprecationWarning, warning->text, 1);
}

static int on_threads(void *context, int threads) {
	struct warning *warning = context;

	warning->threads = threads;
	return threads > 1 && warning->is_error ? WARNING_IS_ERROR : 0;
}

/* As hold_forkpty. In the parent all handlers have run when it returns, also on failure. */
static int fork_with_handlers(int *ret_master, struct warning *warning) {
	const struct hold_forkpty_options options = {
		.size = sizeof options,
		.warn = on_threads,
		.warn_context = warning,
	};
	int pid;

	PyOS_BeforeFork();
	pid = on_threads(warning, warning->unseen);
	if (pid == 0)
		pid = hold_forkpty(ret_master, NULL, &options);
	if (pid == 0)
		PyOS_AfterFork_Child();
	else
		PyOS_AfterFork_Parent();
	return pid;
}

static int refuse_fork(void) {
	if (pidhold_is_finalizing()) {
		PyErr_SetString(pidhold_finalization_error(), "can't fork at interpreter shutdown");
		return -1;
	}
	if (!pidhold_is_main_interpreter()) {
		PyErr_SetString(PyExc_RuntimeError, "fork not supported for subinterpreters");
		return -1;
	}
	return pidhold_audit("os.forkpty", PyTuple_New(0));
}

PyObject *pidhold_forkpty(void) {
	struct warning warning = { .threads = 0 };
	int pid, master;

	if (refuse_fork() < 0 || foresee(&warning) < 0)
		return NULL;
	pid = fork_with_handlers(&master, &warning);
	if (pid == WARNING_IS_ERROR) {
		if (warn(&warning) < 0)
			return NULL;
		warning.is_error = 0; /* foresee was wrong: a hook of the warnings module has decided otherwise */
		pid = fork_with_handlers(&master, &warning);
	} else if (pid != 0 && warning.threads > 1 && warn(&warning) < 0) {
		PyErr_WriteUnraisable(NULL); /* such a hook raised; the child exists, and must not be lost */
	}
	if (pid < 0)
		return pidhold_raise(pid);
	return Py_BuildValue("(ii)", pid, pid == 0 ? -1 : master);
}
