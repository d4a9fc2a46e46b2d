/* SPDX-License-Identifier: ISC */
/* A Hold is made, used by threads, and its process released by the last user. */
#include "object.h"

#include <stdlib.h>

PyObject *pidhold_hold_new(PyTypeObject *type, struct hold *h, int on_release, PyObject *arguments) {
	struct pidhold_held *held = malloc(sizeof *held);
	PyObject *waiters = held ? PyDict_New() : NULL;
	struct pidhold_object *self = waiters ? (struct pidhold_object *)PyType_GenericAlloc(type, 0) : NULL;
	PyThreadState *others;

	if (!self) {
		Py_XDECREF(waiters);
		others = PyEval_SaveThread();
		hold_release(h);
		PyEval_RestoreThread(others);
		free(held);
		return held ? NULL : PyErr_NoMemory();
	}
	held->hold = h;
	atomic_init(&held->uses, 1);
	self->held = held;
	self->on_release = on_release;
	self->pid = hold_pid(h);
	Py_INCREF(arguments);
	self->arguments = arguments;
	self->waiters = waiters;
	return (PyObject *)self;
}

void pidhold_let_go(struct pidhold_held *held) {
	PyThreadState *others;

	if (atomic_fetch_sub(&held->uses, 1) != 1)
		return;
	others = PyEval_SaveThread();
	hold_release(held->hold);
	PyEval_RestoreThread(others);
	free(held);
}

/* NULL with an exception set: the Hold was closed. */
struct pidhold_held *pidhold_use(const struct pidhold_object *self) {
	if (!self->held) {
		PyErr_SetString(PyExc_ValueError, "the hold is closed");
		return NULL;
	}
	atomic_fetch_add(&self->held->uses, 1);
	return self->held;
}
