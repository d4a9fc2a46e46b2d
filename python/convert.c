/* SPDX-License-Identifier: ISC */
/* Between Python's values and those of the library: errors, points in time, ladders, audit events. */
#include "convert.h"

#include <errno.h>
#include <math.h>

static const double NS_PER_SECOND = 1e9;

PyObject *pidhold_raise(int error) {
	if (error == -ENOMEM)
		return PyErr_NoMemory();
	errno = -error;
	return PyErr_SetFromErrno(PyExc_OSError);
}

/* -1 with an exception set. */
static int seconds_of(PyObject *value, double *ret) {
	*ret = PyFloat_AsDouble(value);
	if (*ret == -1 && PyErr_Occurred())
		return -1;
	if (isnan(*ret)) {
		PyErr_SetString(PyExc_ValueError, "a time is not a number (NaN)");
		return -1;
	}
	return 0;
}

int pidhold_deadline(PyObject *seconds, int64_t *ret) {
	const int64_t now = hold_now();
	double ahead;

	*ret = HOLD_FOREVER;
	if (seconds == Py_None)
		return 0;
	if (seconds_of(seconds, &ahead) < 0)
		return -1;
	if (ahead <= 0)
		*ret = HOLD_NOW;
	else if (ahead < (double)(HOLD_FOREVER - now) / NS_PER_SECOND - 1)
		*ret = now + (int64_t)ceil(ahead * NS_PER_SECOND);
	return 0;
}

static int rung_of(PyObject *pair, struct hold_rung *ret) {
	PyObject *tuple = PySequence_Tuple(pair), *time;
	double seconds;
	int signal, result = -1;

	if (!tuple)
		return -1;
	if (PyArg_ParseTuple(tuple, "iO;a rung of a ladder is (signal, seconds)", &signal, &time))
		result = seconds_of(time, &seconds);
	if (result == 0 && (seconds < 0 || seconds > 1e12)) {
		PyErr_Format(PyExc_ValueError, "a rung's time must be 0 seconds or more, not %R", time);
		result = -1;
	}
	if (result == 0)
		*ret = (struct hold_rung){ .signal = signal, .wait_ms = (int64_t)ceil(seconds * 1e3) };
	Py_DECREF(tuple);
	return result;
}

int pidhold_ladder(PyObject *sequence, struct hold_rung rungs[HOLD_LADDER_MAX], size_t *ret_count) {
	PyObject *pairs = PySequence_Tuple(sequence);
	Py_ssize_t count;
	int result = 0;

	if (!pairs)
		return -1;
	count = PyTuple_Size(pairs);
	if (count < 1 || count > HOLD_LADDER_MAX) {
		PyErr_Format(PyExc_ValueError, "a ladder has 1 to %d rungs, not %zd", HOLD_LADDER_MAX, count);
		result = -1;
	}
	for (Py_ssize_t i = 0; i < count && result == 0; i++)
		result = rung_of(PyTuple_GetItem(pairs, i), &rungs[i]);
	Py_DECREF(pairs);
	*ret_count = (size_t)count;
	return result;
}

/* ---- the classes of pidhold._types, of which this interpreter has its own ---- */

static PyObject *class_of(const char *name) {
	PyObject *module = PyImport_ImportModule("pidhold._types"), *class;

	if (!module)
		return NULL;
	class = PyObject_GetAttrString(module, name);
	Py_DECREF(module);
	return class;
}

PyObject *pidhold_call(const char *name, PyObject *arguments) {
	PyObject *class = arguments ? class_of(name) : NULL;
	PyObject *made = class ? PyObject_CallObject(class, arguments) : NULL;

	Py_XDECREF(class);
	Py_XDECREF(arguments);
	return made;
}

PyObject *pidhold_raise_own(const char *name, PyObject *arguments) {
	PyObject *raised = pidhold_call(name, arguments);

	if (raised)
		PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
	Py_XDECREF(raised);
	return NULL;
}
