/* SPDX-License-Identifier: ISC */
#ifndef PIDHOLD_PYTHON_FORKPTY_H
#define PIDHOLD_PYTHON_FORKPTY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

extern const char pidhold_forkpty_doc[];

/* As os.forkpty(). NULL with an exception set. */
PyObject *pidhold_forkpty(void);

#endif
