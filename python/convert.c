/* SPDX-License-Identifier: ISC */
/* Between Python's values and those of the library: errors, points in time, ladders, audit events. */
#include "convert.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

static const double NS_PER_SECOND = 1e9, LONGEST_RUNG = 1e12;

PyObject *pidhold_raise(int error) {
	if (error == -ENOMEM)
		return PyErr_NoMemory();
	errno = -error;
	return PyErr_SetFromErrno(PyExc_OSError);
}

/* A whole number that is beyond every double: as good as infinite. -1 with an exception set. */
static int infinity_of(PyObject *value, double *ret) {
	PyObject *zero = PyLong_FromLong(0);
	const int is_negative = zero ? PyObject_RichCompareBool(value, zero, Py_LT) : -1;

	Py_XDECREF(zero);
	*ret = is_negative ? -HUGE_VAL : HUGE_VAL;
	return is_negative < 0 ? -1 : 0;
}

/* -1 with an exception set. */
static int seconds_of(PyObject *value, double *ret) {
	*ret = PyFloat_AsDouble(value);
	if (*ret == -1 && PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_OverflowError)) {
		PyErr_Clear();
		return infinity_of(value, ret);
	}
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

/* Names as hold_signal_name has them, from 1 to the last one. */
static int signal_of_name(const char *name) {
	char text[HOLD_SIGNAL_NAME_SIZE];
	const char *const bare = strncasecmp(name, "SIG", 3) == 0 ? name + 3 : name;

	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		hold_signal_name(signal, text, sizeof text);
		if (strncmp(text, "SIG", 3) == 0 && strcasecmp(text + 3, bare) == 0)
			return signal;
	}
	return -1;
}

int pidhold_signal_number(PyObject *value, void *ret) {
	PyObject *bytes;
	int signal;

	if (!PyUnicode_Check(value))
		return PyArg_Parse(value, "i", ret);
	bytes = PyUnicode_AsUTF8String(value);
	if (!bytes)
		return 0;
	signal = signal_of_name(PyBytes_AsString(bytes));
	Py_DECREF(bytes);
	if (signal < 0) {
		PyErr_Format(PyExc_ValueError, "there is no signal %R", value);
		return 0;
	}
	*(int *)ret = signal;
	return 1;
}

/* In milliseconds, rounded up; more than anybody waits counts as the longest time that fits. */
static int64_t milliseconds(double seconds) {
	return seconds < LONGEST_RUNG ? (int64_t)ceil(seconds * 1e3) : (int64_t)(LONGEST_RUNG * 1e3);
}

static int rung_of(PyObject *pair, struct hold_rung *ret) {
	PyObject *tuple = PySequence_Tuple(pair), *time;
	double seconds;
	int signal, result = -1;

	if (!tuple)
		return -1;
	if (PyArg_ParseTuple(tuple, "O&O;a rung of a ladder is (signal, seconds)", pidhold_signal_number, &signal,
			     &time))
		result = seconds_of(time, &seconds);
	if (result == 0 && seconds < 0) {
		PyErr_Format(PyExc_ValueError, "a rung's time must be 0 seconds or more, not %R", time);
		result = -1;
	}
	if (result == 0)
		*ret = (struct hold_rung){ .signal = signal, .wait_ms = milliseconds(seconds) };
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

/* ---- classes of Python ---- */

static PyObject *call_of_type(PyObject *type, const char *name, PyObject *arguments) {
	PyObject *classes = arguments ? PyObject_GetAttrString(type, "_classes") : NULL;
	PyObject *class = classes ? PyMapping_GetItemString(classes, name) : NULL;
	PyObject *made = class ? PyObject_CallObject(class, arguments) : NULL;

	Py_XDECREF(class);
	Py_XDECREF(classes);
	Py_XDECREF(arguments);
	return made;
}

PyObject *pidhold_call(const struct pidhold_object *self, const char *name, PyObject *arguments) {
	return call_of_type((PyObject *)Py_TYPE((PyObject *)self), name, arguments);
}

PyObject *pidhold_raise_of_type(PyObject *type, const char *name, PyObject *arguments) {
	PyObject *raised = call_of_type(type, name, arguments);

	if (raised)
		PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
	Py_XDECREF(raised);
	return NULL;
}

PyObject *pidhold_raise_own(const struct pidhold_object *self, const char *name, PyObject *arguments) {
	return pidhold_raise_of_type((PyObject *)Py_TYPE((PyObject *)self), name, arguments);
}
