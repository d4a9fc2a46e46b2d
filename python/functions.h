/* SPDX-License-Identifier: ISC */
#ifndef PIDHOLD_PYTHON_FUNCTIONS_H
#define PIDHOLD_PYTHON_FUNCTIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Puts forkpty, kill, killpg, nice, pidfd_open and pthread_kill into the module, and PIDFD_NONBLOCK. 0, or -1. */
int pidhold_add_functions(PyObject *module);

/* Puts the constants of the header into the module. 0, or -1. */
int pidhold_add_constants(PyObject *module);

#endif
