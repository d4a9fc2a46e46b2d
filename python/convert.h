/* SPDX-License-Identifier: ISC */
/* Between Python's values and those of the library: errors, points in time, ladders, classes. */
#ifndef PIDHOLD_PYTHON_CONVERT_H
#define PIDHOLD_PYTHON_CONVERT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pidhold.h>

/* Sets OSError, of the class that belongs to the errno -error. Returns NULL. */
PyObject *pidhold_raise(int error);

/* The deadline that many seconds from now, as hold_after_ms has it; None: never. -1 with an exception set. */
int pidhold_deadline(PyObject *seconds, int64_t *ret);

/* A converter for "O&": a signal by its number or its name, with or without SIG. 1, or 0 with an exception set. */
int pidhold_signal_number(PyObject *value, void *ret);

/* The rungs of a sequence of (signal, seconds). -1 with an exception set. */
int pidhold_ladder(PyObject *sequence, struct hold_rung rungs[HOLD_LADDER_MAX], size_t *ret_count);

/*
 * Returns NAME(*arguments), for a class of Python that the type of `self` has in its dictionary _classes: each
 * interpreter has its own, and finds it there also while it shuts down. Steals `arguments`, a tuple. It may be NULL
 * with an exception set: then NULL is returned.
 */
struct pidhold_object;
PyObject *pidhold_call(const struct pidhold_object *self, const char *name, PyObject *arguments);

/* Raises what pidhold_call returns. Returns NULL. */
PyObject *pidhold_raise_own(const struct pidhold_object *self, const char *name, PyObject *arguments);

/* The same for a type, of which no object is there yet. */
PyObject *pidhold_raise_of_type(PyObject *type, const char *name, PyObject *arguments);

#endif
