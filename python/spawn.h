/* SPDX-License-Identifier: ISC */
#ifndef PIDHOLD_PYTHON_SPAWN_H
#define PIDHOLD_PYTHON_SPAWN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Hold._start(arguments, options): starts a process as the dictionary `options` says. */
PyObject *pidhold_hold_start(PyObject *type, PyObject *args);

#endif
