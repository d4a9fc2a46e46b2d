/* SPDX-License-Identifier: ISC */
/* A Hold is made, used by threads and files, and its process released by the last user. */
#include "object.h"

static void release(struct pidhold_held *held) {
	PyThreadState *others = PyEval_SaveThread();

	pidhold_held_release(held);
	PyEval_RestoreThread(others);
}

static void end_in_background(struct pidhold_held *held) {
	PyThreadState *others = PyEval_SaveThread();

	pidhold_end_in_background(held);
	PyEval_RestoreThread(others);
}

PyObject *pidhold_hold_new(PyTypeObject *type, struct hold *h, int on_release, PyObject *arguments) {
	struct pidhold_held *held = pidhold_held_new(h, on_release);
	struct pidhold_object *self = held ? (struct pidhold_object *)PyType_GenericAlloc(type, 0) : NULL;
	PyThreadState *others;

	if (!held) {
		others = PyEval_SaveThread();
		hold_release(h);
		PyEval_RestoreThread(others);
		return PyErr_NoMemory();
	}
	if (!self) {
		release(held);
		return NULL;
	}
	self->held = held;
	self->pid = hold_pid(h);
	Py_INCREF(arguments);
	self->arguments = arguments;
	return (PyObject *)self;
}

static void warn_of_living(const struct pidhold_held *held, PyObject *source) {
	const long long pid = hold_pid(held->hold);

	if (PyErr_ResourceWarning(source, 1, "process %lld is still running", pid) < 0)
		PyErr_WriteUnraisable(source);
}

/* In a forked child (-ECHILD) there is no warning. */
static void abandon(struct pidhold_held *held, PyObject *source) {
	PyObject *type, *value, *trace;

	PyErr_Fetch(&type, &value, &trace);
	if (!held->is_quiet && hold_wait(held->hold, HOLD_NOW, NULL) == HOLD_PENDING)
		warn_of_living(held, source);
	PyErr_Restore(type, value, trace);
	end_in_background(held);
}

void pidhold_let_go(struct pidhold_held *held, PyObject *source) {
	if (atomic_fetch_sub(&held->uses, 1) != 1)
		return;
	if (held->is_closed)
		release(held);
	else
		abandon(held, source);
}

struct pidhold_held *pidhold_use_to_close(const struct pidhold_object *self) {
	if (!self->held) {
		PyErr_SetString(PyExc_ValueError, "the hold is closed");
		return NULL;
	}
	atomic_fetch_add(&self->held->uses, 1);
	return self->held;
}

struct pidhold_held *pidhold_use(const struct pidhold_object *self) {
	if (self->is_closed) {
		PyErr_SetString(PyExc_ValueError, "the hold is closed");
		return NULL;
	}
	return pidhold_use_to_close(self);
}
