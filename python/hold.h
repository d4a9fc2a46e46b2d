/* SPDX-License-Identifier: ISC */
#ifndef PIDHOLD_PYTHON_HOLD_H
#define PIDHOLD_PYTHON_HOLD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Puts the type Hold into the module. 0, or -1 with an exception set. */
int pidhold_add_holds(PyObject *module);

#endif
