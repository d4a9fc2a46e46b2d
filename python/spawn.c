/* SPDX-License-Identifier: ISC */
/*
 * A start: the options, which pidhold/_spawn.py has brought into a simple form, become those of hold_spawn. Neither
 * Python code nor an at-fork handler runs in the new process.
 */
#include "spawn.h"
#include "convert.h"
#include "modes.h"
#include "runtime.h"
#include "object.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* The options, and the memory that they point to. */
struct request {
	struct hold_options options;
	struct hold_terminal terminal;
	struct termios modes;
	struct hold_ids ids;
	struct hold_tree_limits tree_limits;
	struct hold_rung rungs[HOLD_LADDER_MAX];
	PyObject *texts; /* a list of the bytes objects that are pointed into */
	void *arrays[8]; /* allocated here */
	size_t array_count;
	PyObject *cancel; /* a list, borrowed: the start is given up once anything is in it. NULL: it is not */
	int is_given_up;
	PyThreadState *others; /* while the GIL is released */
};

static void *allocate(struct request *request, size_t count, size_t size) {
	void *memory = calloc(count + 1, size);

	if (!memory)
		PyErr_NoMemory();
	else
		request->arrays[request->array_count++] = memory;
	return memory;
}

static void forget(struct request *request) {
	for (size_t i = 0; i < request->array_count; i++)
		free(request->arrays[i]);
	Py_XDECREF(request->texts);
}

/* A str, bytes or path as a C string, which lives as long as the request. NULL with an exception set. */
static const char *text_of(struct request *request, PyObject *value) {
	PyObject *bytes = NULL;
	int result;

	if (!PyUnicode_FSConverter(value, &bytes))
		return NULL;
	result = PyList_Append(request->texts, bytes);
	Py_DECREF(bytes);
	return result < 0 ? NULL : PyBytes_AsString(bytes);
}

static const char **vector_of(struct request *request, PyObject *sequence) {
	PyObject *values = PySequence_Tuple(sequence);
	const char **vector = NULL;

	if (values)
		vector = allocate(request, (size_t)PyTuple_Size(values), sizeof *vector);
	for (Py_ssize_t i = 0; vector && i < PyTuple_Size(values); i++) {
		vector[i] = text_of(request, PyTuple_GetItem(values, i));
		if (!vector[i])
			vector = NULL;
	}
	Py_XDECREF(values);
	return vector;
}

/* ---- options, a function each: 0, or -1 with an exception set ---- */

static int take_program(struct request *request, PyObject *value) {
	request->options.program = text_of(request, value);
	return request->options.program ? 0 : -1;
}

static int take_env(struct request *request, PyObject *value) {
	request->options.env = vector_of(request, value);
	return request->options.env ? 0 : -1;
}

static int take_directory(struct request *request, PyObject *value) {
	request->options.directory = text_of(request, value);
	return request->options.directory ? 0 : -1;
}

/* (kind, descriptor or path) */
static int take_stdio(struct request *request, PyObject *value, struct hold_stdio *stdio) {
	PyObject *what;
	long fd;

	if (!PyArg_ParseTuple(value, "iO", &stdio->kind, &what))
		return -1;
	if (stdio->kind == HOLD_STDIO_FILE || stdio->kind == HOLD_STDIO_APPEND) {
		stdio->path = text_of(request, what);
		return stdio->path ? 0 : -1;
	}
	fd = PyLong_AsLong(what);
	if (fd == -1 && PyErr_Occurred())
		return -1;
	if (fd < 0 || fd > INT32_MAX) {
		pidhold_raise(-EBADF);
		return -1;
	}
	stdio->fd = (int32_t)fd;
	return 0;
}

static int take_stdin(struct request *request, PyObject *value) {
	return take_stdio(request, value, &request->options.in);
}

static int take_stdout(struct request *request, PyObject *value) {
	return take_stdio(request, value, &request->options.out);
}

static int take_stderr(struct request *request, PyObject *value) {
	return take_stdio(request, value, &request->options.err);
}

/* (rows, columns, x pixels, y pixels, echo, raw) */
static int take_terminal(struct request *request, PyObject *value) {
	struct hold_winsize *size = &request->terminal.winsize;
	int echo, raw, result;

	if (!PyArg_ParseTuple(value, "HHHHpp", &size->rows, &size->columns, &size->x_pixels, &size->y_pixels, &echo,
			      &raw))
		return -1;
	request->options.terminal = &request->terminal;
	if (echo && !raw)
		return 0;
	result = pidhold_usual_modes(&request->modes);
	if (result < 0) {
		pidhold_raise(result);
		return -1;
	}
	if (raw)
		cfmakeraw(&request->modes);
	if (!echo)
		request->modes.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	request->terminal.modes = &request->modes;
	return 0;
}

static int take_modes(struct request *request, PyObject *value) {
	request->terminal.modes = &request->modes;
	return pidhold_modes(value, &request->modes);
}

/* A sequence of (descriptor, its number in the process). */
static int take_pass(struct request *request, PyObject *value) {
	PyObject *pairs = PySequence_Tuple(value);
	const Py_ssize_t count = pairs ? PyTuple_Size(pairs) : 0;
	struct hold_pass *pass = pairs ? allocate(request, (size_t)count, sizeof *pass) : NULL;

	for (Py_ssize_t i = 0; pass && i < count; i++) {
		int fd, as;

		if (!PyArg_ParseTuple(PyTuple_GetItem(pairs, i), "ii", &fd, &as)) {
			pass = NULL;
			break;
		}
		if (fd < 0) {
			pidhold_raise(-EBADF);
			pass = NULL;
			break;
		}
		pass[i] = (struct hold_pass){ .fd = (int32_t)fd, .as = (int32_t)as };
	}
	Py_XDECREF(pairs);
	request->options.pass = pass;
	request->options.pass_count = (size_t)count;
	return pass ? 0 : -1;
}

static int take_flags(struct request *request, PyObject *value) {
	request->options.flags |= PyLong_AsUnsignedLongLong(value);
	return PyErr_Occurred() ? -1 : 0;
}

static int take_number(PyObject *value, int32_t *ret) {
	long number = PyLong_AsLong(value);

	if (number == -1 && PyErr_Occurred())
		return -1;
	if (number != (int32_t)number) {
		PyErr_Format(PyExc_OverflowError, "%ld is out of range", number);
		return -1;
	}
	*ret = (int32_t)number;
	return 0;
}

static int take_nice(struct request *request, PyObject *value) {
	return take_number(value, &request->options.nice);
}

static int take_umask(struct request *request, PyObject *value) {
	int32_t mask;

	if (take_number(value, &mask) < 0)
		return -1;
	request->options.umask = (uint32_t)mask;
	request->options.flags |= HOLD_SET_UMASK;
	return 0;
}

static int take_oom_score(struct request *request, PyObject *value) {
	request->options.flags |= HOLD_SET_OOM_SCORE;
	return take_number(value, &request->options.oom_score_adj);
}

static int take_io_priority(struct request *request, PyObject *value) {
	request->options.flags |= HOLD_SET_IO_PRIORITY;
	return take_number(value, &request->options.io_priority);
}

static int take_death_signal(struct request *request, PyObject *value) {
	int signal;

	if (!pidhold_signal_number(value, &signal))
		return -1;
	request->options.parent_death_signal = signal;
	return 0;
}

/* A sequence of signals. */
static int take_signals(PyObject *value, uint64_t *ret) {
	PyObject *signals = PySequence_Tuple(value);
	int signal, result = signals ? 0 : -1;

	for (Py_ssize_t i = 0; result == 0 && i < PyTuple_Size(signals); i++) {
		if (!pidhold_signal_number(PyTuple_GetItem(signals, i), &signal)) {
			result = -1;
		} else if (signal < 1 || signal > 64) {
			PyErr_Format(PyExc_ValueError, "there is no signal %d", signal);
			result = -1;
		} else {
			*ret |= HOLD_SIGNAL_BIT(signal);
		}
	}
	Py_XDECREF(signals);
	return result;
}

static int take_blocked(struct request *request, PyObject *value) {
	return take_signals(value, &request->options.blocked);
}

static int take_keep_ignored(struct request *request, PyObject *value) {
	return take_signals(value, &request->options.keep_ignored);
}

static int take_cancel(struct request *request, PyObject *value) {
	request->cancel = value;
	return 0;
}

static int take_contain(struct request *request, PyObject *value) {
	return take_number(value, &request->options.contain);
}

static int take_on_release(struct request *request, PyObject *value) {
	return take_number(value, &request->options.on_release);
}

/* A sequence of (resource, soft, hard). */
static int take_limits(struct request *request, PyObject *value) {
	PyObject *triples = PySequence_Tuple(value);
	const Py_ssize_t count = triples ? PyTuple_Size(triples) : 0;
	struct hold_limit *limits = triples ? allocate(request, (size_t)count, sizeof *limits) : NULL;

	for (Py_ssize_t i = 0; limits && i < count; i++) {
		unsigned long long soft, hard;
		int resource;

		if (!PyArg_ParseTuple(PyTuple_GetItem(triples, i), "iKK", &resource, &soft, &hard)) {
			limits = NULL;
			break;
		}
		limits[i] = (struct hold_limit){ .resource = resource, .soft = soft, .hard = hard };
	}
	Py_XDECREF(triples);
	request->options.limits = limits;
	request->options.limit_count = (size_t)count;
	return limits ? 0 : -1;
}

/* (memory, tasks, cpu_time_us, milli_cpus, io_weight) */
static int take_tree_limits(struct request *request, PyObject *value) {
	unsigned long long memory, tasks, cpu_time_us;
	unsigned milli_cpus, io_weight;

	if (!PyArg_ParseTuple(value, "KKKII", &memory, &tasks, &cpu_time_us, &milli_cpus, &io_weight))
		return -1;
	request->tree_limits = (struct hold_tree_limits){
		.size = sizeof request->tree_limits,
		.memory = memory,
		.tasks = tasks,
		.cpu_time_us = cpu_time_us,
		.milli_cpus = milli_cpus,
		.io_weight = io_weight,
	};
	request->options.tree_limits = &request->tree_limits;
	return 0;
}

static int take_id(struct request *request, PyObject *value, uint32_t *ret, uint32_t bit) {
	unsigned long long id = PyLong_AsUnsignedLongLong(value);

	if (PyErr_Occurred())
		return -1;
	if (id > UINT32_MAX) {
		PyErr_Format(PyExc_OverflowError, "%llu is too large for the id of a user or a group", id);
		return -1;
	}
	*ret = (uint32_t)id;
	request->ids.set |= bit;
	request->options.ids = &request->ids;
	return 0;
}

static int take_user(struct request *request, PyObject *value) {
	return take_id(request, value, &request->ids.user, HOLD_IDS_USER);
}

static int take_group(struct request *request, PyObject *value) {
	return take_id(request, value, &request->ids.group, HOLD_IDS_GROUP);
}

static int take_groups(struct request *request, PyObject *value) {
	PyObject *numbers = PySequence_Tuple(value);
	const Py_ssize_t count = numbers ? PyTuple_Size(numbers) : 0;
	uint32_t *groups = numbers ? allocate(request, (size_t)count, sizeof *groups) : NULL;

	for (Py_ssize_t i = 0; groups && i < count; i++) {
		if (take_id(request, PyTuple_GetItem(numbers, i), &groups[i], HOLD_IDS_GROUPS) < 0)
			groups = NULL;
	}
	Py_XDECREF(numbers);
	if (!groups)
		return -1;
	request->ids.set |= HOLD_IDS_GROUPS;
	request->ids.groups = groups;
	request->ids.group_count = (size_t)count;
	request->options.ids = &request->ids;
	return 0;
}

static int take_ladder(struct request *request, PyObject *value) {
	request->options.ladder = request->rungs;
	return pidhold_ladder(value, request->rungs, &request->options.ladder_count);
}

static int take_timeout(struct request *request, PyObject *value) {
	return pidhold_deadline(value, &request->options.start_deadline);
}

static const struct {
	const char *name;
	int (*take)(struct request *request, PyObject *value);
} takers[] = {
	{ "blocked", take_blocked },
	{ "cancel", take_cancel },
	{ "contain", take_contain },
	{ "cwd", take_directory },
	{ "env", take_env },
	{ "executable", take_program },
	{ "flags", take_flags },
	{ "group", take_group },
	{ "groups", take_groups },
	{ "io_priority", take_io_priority },
	{ "keep_ignored", take_keep_ignored },
	{ "ladder", take_ladder },
	{ "limits", take_limits },
	{ "modes", take_modes },
	{ "nice", take_nice },
	{ "on_release", take_on_release },
	{ "oom_score", take_oom_score },
	{ "parent_death_signal", take_death_signal },
	{ "pass_fds", take_pass },
	{ "stderr", take_stderr },
	{ "stdin", take_stdin },
	{ "stdout", take_stdout },
	{ "terminal", take_terminal },
	{ "timeout", take_timeout },
	{ "tree_limits", take_tree_limits },
	{ "umask", take_umask },
	{ "user", take_user },
};

static int take_options(struct request *request, PyObject *options) {
	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
		PyObject *value = PyDict_GetItemString(options, takers[i].name); /* borrowed */

		if (value && value != Py_None && takers[i].take(request, value) < 0)
			return -1;
	}
	return 0;
}

/* ---- the start ---- */

/* StartError, of the class that belongs to the errno too. */
static void raise_start(PyObject *type, const struct hold_error *error, PyObject *arguments, PyObject *timeout) {
	PyObject *object = PyUnicode_DecodeFSDefault(error->object);

	if (!object)
		return;
	pidhold_raise_of_type(type, "start_error",
			      Py_BuildValue("(isNOOz)", -error->code, hold_step_name(error->step), object, arguments,
					    timeout ? timeout : Py_None, error->need));
}

/* While a start waits for long: a signal's handler runs, and its exception ends the start. */
static int give_up(void *context) {
	struct request *request = context;

	PyEval_RestoreThread(request->others);
	if (PyErr_CheckSignals() < 0 || (request->cancel && PyObject_IsTrue(request->cancel)))
		request->is_given_up = 1;
	request->others = PyEval_SaveThread();
	return request->is_given_up;
}

/* A file may be a fifo without another side, and a directory on a server that does not answer. */
static int may_wait_for_long(const struct hold_options *options) {
	return options->directory || options->in.path || options->out.path || options->err.path;
}

/*
 * Handlers of signals run in the main thread alone. Without a keeper a start that can be given up takes a pipe and a
 * copy of the table of descriptors, so it is made so only where it may wait.
 */
static int can_be_given_up(const struct request *request) {
	const struct hold_options *options = &request->options;

	return request->cancel ||
	       ((options->contain != HOLD_CONTAIN_NONE || options->start_deadline || may_wait_for_long(options)) &&
		getpid() == (pid_t)syscall(SYS_gettid));
}

/* Returns NULL on failure, with an exception set. */
static struct hold *start(PyObject *type, struct request *request, PyObject *arguments, PyObject *timeout) {
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;
	int result;

	if (can_be_given_up(request)) {
		request->options.give_up = give_up;
		request->options.give_up_context = request;
	}
	request->others = PyEval_SaveThread();
	result = hold_spawn(&h, &request->options, &error);
	PyEval_RestoreThread(request->others);
	if (result == 0)
		return h;
	error.code = result;
	if (PyErr_Occurred()) /* of a signal's handler */
		return NULL;
	if (result == -ENOMEM)
		PyErr_NoMemory();
	else
		raise_start(type, &error, arguments, timeout);
	return NULL;
}

/* A handler ran, and raised, at the moment when the program was executed all the same. */
static PyObject *give_back(struct hold *h) {
	PyThreadState *others = PyEval_SaveThread();
	const struct hold_rung kill = { .signal = SIGKILL };

	hold_tree_stop(h, &kill, 1, NULL, NULL, NULL);
	hold_release(h);
	PyEval_RestoreThread(others);
	return NULL;
}

/* The audit event of which the library tells its own hooks, with its arguments: (program, argv). */
static int tell(const struct request *request, PyObject *argv) {
	const char *program = request->options.program ? request->options.program : request->options.argv[0];
	PyObject *name = program ? PyUnicode_DecodeFSDefault(program) : NULL;

	if (!program)
		PyErr_SetString(PyExc_ValueError, "argv is empty: it needs at least the program's name");
	return pidhold_audit("pidhold.spawn", name ? Py_BuildValue("(NO)", name, argv) : NULL);
}

PyObject *pidhold_hold_start(PyObject *type, PyObject *args) {
	struct request request = { .options.size = sizeof request.options,
				   .terminal.size = sizeof request.terminal,
				   .ids.size = sizeof request.ids };
	PyObject *argv, *options, *arguments;
	struct hold *h = NULL;

	if (!PyArg_ParseTuple(args, "OOO:_start", &argv, &options, &arguments))
		return NULL;
	request.texts = PyList_New(0);
	if (request.texts)
		request.options.argv = vector_of(&request, argv);
	if (request.options.argv && take_options(&request, options) == 0 && tell(&request, argv) == 0)
		h = start(type, &request, arguments, PyDict_GetItemString(options, "timeout"));
	forget(&request);
	if (!h)
		return NULL;
	if (PyErr_Occurred())
		return give_back(h);
	return pidhold_hold_new((PyTypeObject *)type, h, request.options.on_release, arguments);
}
