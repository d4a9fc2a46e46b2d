/* SPDX-License-Identifier: ISC */
/*
 * The process functions of os, and signal.pthread_kill: conversions, exceptions, auditing and pending signals as in
 * CPython. One defect of CPython is avoided: a signal number that does not fit is an OverflowError and is not cut.
 */
#include "functions.h"
#include "convert.h"
#include "forkpty.h"
#include "runtime.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* How often each was called, by any interpreter: after install() a test can see that they are used. */
enum { FORKPTY, KILL, KILLPG, NICE, PIDFD_OPEN, PTHREAD_KILL, FUNCTIONS };
static const char *const names[FUNCTIONS] = { "forkpty", "kill", "killpg", "nice", "pidfd_open", "pthread_kill" };
static atomic_ullong calls[FUNCTIONS];

static void count(int function) {
	atomic_fetch_add_explicit(&calls[function], 1, memory_order_relaxed);
}

/* ---- conversions ---- */

/* Converts to a C int; the exceptions are those of CPython. */
static int take_int(PyObject *object, long long *ret) {
	int overflow;
	PyObject *index = PyNumber_Index(object);

	if (!index)
		return -1;
	*ret = PyLong_AsLongLongAndOverflow(index, &overflow);
	Py_DECREF(index);
	if (*ret == -1 && PyErr_Occurred())
		return -1;
	if (overflow || *ret < INT_MIN || *ret > INT_MAX) {
		PyErr_SetString(PyExc_OverflowError, overflow > 0 || (!overflow && *ret > 0)
							     ? "signed integer is greater than maximum"
							     : "signed integer is less than minimum");
		return -1;
	}
	return 0;
}

/* Converts the arguments of kill and killpg: exactly two, by position. */
static int take_two(const char *function, PyObject *const *args, Py_ssize_t given, long long *one, long long *other) {
	if (given != 2) {
		PyErr_Format(PyExc_TypeError, "%s() takes exactly 2 arguments (%zd given)", function, given);
		return -1;
	}
	return take_int(args[0], one) < 0 || take_int(args[1], other) < 0 ? -1 : 0;
}

static PyObject *none(void) {
	Py_INCREF(Py_None);
	return Py_None;
}

/* ---- signals ---- */

PyDoc_STRVAR(kill_doc, "kill($module, pid, signal, /)\n--\n\nKill a process with a signal.");

/* A Hold in the place of a number: its own method is called. NULL without an exception: it is none. */
static PyObject *by_hold(const char *method, PyObject *const *args, Py_ssize_t given) {
	PyObject *sent;
	int is_there;

	if (given < 1 || given > 2 || PyLong_Check(args[0]) || !PyObject_HasAttrString(args[0], "_is_released"))
		return NULL;
	sent = given == 2 ? PyObject_CallMethod(args[0], method, "O", args[1])
			  : PyObject_CallMethod(args[0], method, "i", SIGKILL);
	if (!sent)
		return NULL;
	is_there = PyObject_IsTrue(sent);
	Py_DECREF(sent);
	return is_there ? none() : pidhold_raise(-ESRCH);
}

static PyObject *function_kill(PyObject *module, PyObject *const *args, Py_ssize_t given) {
	PyObject *answer = by_hold("signal", args, given);
	long long pid, signal;
	int error;

	(void)module;
	if (answer || PyErr_Occurred())
		return answer;
	count(KILL);
	if (take_two("kill", args, given, &pid, &signal) < 0)
		return NULL;
	if (pidhold_audit("os.kill", Py_BuildValue("(LL)", pid, signal)) < 0)
		return NULL;
	error = hold_kill(pid, signal);
	if (error < 0)
		return pidhold_raise(error);
	return PyErr_CheckSignals() < 0 ? NULL : none(); /* a handler for a signal to ourselves runs before we return */
}

PyDoc_STRVAR(killpg_doc, "killpg($module, pgid, signal, /)\n--\n\nKill a process group with a signal.");

static PyObject *function_killpg(PyObject *module, PyObject *const *args, Py_ssize_t given) {
	PyObject *answer = by_hold("signal_group", args, given);
	long long pgid, signal;
	int error;

	(void)module;
	if (answer || PyErr_Occurred())
		return answer;
	count(KILLPG);
	if (take_two("killpg", args, given, &pgid, &signal) < 0)
		return NULL;
	if (pidhold_audit("os.killpg", Py_BuildValue("(LL)", pgid, signal)) < 0)
		return NULL;
	error = hold_killpg(pgid, signal);
	return error < 0 ? pidhold_raise(error) : none();
}

PyDoc_STRVAR(pthread_kill_doc, "pthread_kill($module, thread_id, signalnum, /)\n--\n\nSend a signal to a thread.");

static PyObject *function_pthread_kill(PyObject *module, PyObject *const *args, Py_ssize_t given) {
	unsigned long thread;
	PyObject *name;
	long long signal;
	int error;

	(void)module;
	count(PTHREAD_KILL);
	if (given != 2)
		return PyErr_Format(PyExc_TypeError, "pthread_kill expected 2 arguments, got %zd", given);
	if (!PyLong_Check(args[0])) {
		name = PyObject_GetAttrString((PyObject *)Py_TYPE(args[0]), "__name__");
		if (name)
			PyErr_Format(PyExc_TypeError, "pthread_kill() argument 1 must be int, not %U", name);
		Py_XDECREF(name);
		return NULL;
	}
	thread = PyLong_AsUnsignedLongMask(args[0]);
	if (PyErr_Occurred() || take_int(args[1], &signal) < 0)
		return NULL;
	if (pidhold_audit("signal.pthread_kill", Py_BuildValue("(KL)", (unsigned long long)thread, signal)) < 0)
		return NULL;
	error = hold_pthread_kill(thread, signal);
	if (error < 0)
		return pidhold_raise(error);
	return PyErr_CheckSignals() < 0 ? NULL : none();
}

/* ---- niceness, descriptors ---- */

PyDoc_STRVAR(nice_doc,
	     "nice($module, increment, /)\n--\n\n"
	     "Add increment to the priority of process and return the new priority.\n\n"
	     "On Linux it is the calling thread's own, and that of threads and processes that it starts later.");

static PyObject *function_nice(PyObject *module, PyObject *increment) {
	long long number;
	int niceness, error;

	(void)module;
	count(NICE);
	if (take_int(increment, &number) < 0)
		return NULL;
	error = hold_nice((int)number, &niceness);
	return error < 0 ? pidhold_raise(error) : PyLong_FromLong(niceness);
}

PyDoc_STRVAR(pidfd_open_doc, "pidfd_open($module, /, pid, flags=0)\n--\n\n"
			     "Return a file descriptor referring to the process *pid*.\n\n"
			     "The descriptor can be used to perform process management without races and signals.");

static int take_flags(PyObject *object, unsigned *ret) {
	long long flags;
	int overflow;

	if (!PyLong_Check(object)) {
		PyErr_SetString(PyExc_TypeError, "an integer is required");
		return -1;
	}
	flags = PyLong_AsLongLongAndOverflow(object, &overflow);
	if (overflow < 0 || (!overflow && flags < 0)) {
		PyErr_SetString(PyExc_ValueError, "value must be positive");
		return -1;
	}
	if (overflow > 0 || flags > UINT_MAX) {
		PyErr_SetString(PyExc_OverflowError, "Python int too large for C unsigned int");
		return -1;
	}
	*ret = (unsigned)flags;
	return 0;
}

static PyObject *function_pidfd_open(PyObject *module, PyObject *args, PyObject *keywords) {
	static char *words[] = { "pid", "flags", NULL };
	PyObject *pid_given, *flags_given = NULL;
	unsigned flags = 0;
	long long pid;
	int result;

	(void)module;
	count(PIDFD_OPEN);
	if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:pidfd_open", words, &pid_given, &flags_given) ||
	    take_int(pid_given, &pid) < 0)
		return NULL;
	if (flags_given && take_flags(flags_given, &flags) < 0)
		return NULL;
	result = hold_pidfd_open(pid, flags);
	return result < 0 ? pidhold_raise(result) : PyLong_FromLong(result);
}

/* ---- */

static PyObject *function_calls(PyObject *module, PyObject *nothing) {
	PyObject *all = PyDict_New();

	(void)module, (void)nothing;
	for (int i = 0; i < FUNCTIONS && all; i++) {
		PyObject *number = PyLong_FromUnsignedLongLong(atomic_load(&calls[i]));

		if (!number || PyDict_SetItemString(all, names[i], number) < 0) {
			Py_DECREF(all);
			all = NULL;
		}
		Py_XDECREF(number);
	}
	return all;
}

static PyObject *capability(const struct hold_cap *cap) {
	return Py_BuildValue("(sssOi)", cap->name, cap->mechanism, cap->promise, cap->supported ? Py_True : Py_False,
			     -cap->error);
}

/* A list of tuples: a probe of each capability is made now. */
static PyObject *function_caps(PyObject *module, PyObject *nothing) {
	struct hold_cap cap = { .size = sizeof cap };
	PyObject *list = PyList_New(0);

	(void)module, (void)nothing;
	for (size_t i = 0; list && hold_caps(i, &cap) == 0; i++) {
		PyObject *one = capability(&cap);

		if (!one || PyList_Append(list, one) < 0)
			Py_CLEAR(list);
		Py_XDECREF(one);
	}
	return list;
}

static PyObject *function_forkpty(PyObject *module, PyObject *nothing) {
	(void)module, (void)nothing;
	count(FORKPTY);
	return pidhold_forkpty();
}

/* METH_FASTCALL: in the limited API since 3.10, and unchanged since 3.7. */
enum { FASTCALL = 0x0080 };

#define FUNCTION(function) (PyCFunction)(void (*)(void))(function)

static PyMethodDef functions[] = {
	{ "forkpty", function_forkpty, METH_NOARGS, pidhold_forkpty_doc },
	{ "kill", FUNCTION(function_kill), FASTCALL, kill_doc },
	{ "killpg", FUNCTION(function_killpg), FASTCALL, killpg_doc },
	{ "nice", function_nice, METH_O, nice_doc },
	{ "pidfd_open", FUNCTION(function_pidfd_open), METH_VARARGS | METH_KEYWORDS, pidfd_open_doc },
	{ "_caps", function_caps, METH_NOARGS, NULL },
	{ "_calls", function_calls, METH_NOARGS, "How often each of the functions was called." },
	{ NULL, NULL, 0, NULL },
};

static PyMethodDef pthread_kill_definition = { "pthread_kill", FUNCTION(function_pthread_kill), FASTCALL,
					       pthread_kill_doc };

/* Its __module__ is "signal": the tests of that module check it. */
static int add_pthread_kill(PyObject *module) {
	PyObject *name = PyUnicode_FromString("signal"), *function;

	function = name ? PyCFunction_NewEx(&pthread_kill_definition, module, name) : NULL;
	Py_XDECREF(name);
	if (!function)
		return -1;
	if (PyModule_AddObject(module, "pthread_kill", function) == 0)
		return 0;
	Py_DECREF(function);
	return -1;
}

int pidhold_add_functions(PyObject *module) {
	if (PyModule_AddFunctions(module, functions) < 0 || add_pthread_kill(module) < 0)
		return -1;
	return PyModule_AddIntConstant(module, "PIDFD_NONBLOCK", (long)HOLD_PIDFD_NONBLOCK);
}
