/* SPDX-License-Identifier: ISC */
/*
 * Functions of the running interpreter that the limited API lacks, or lacks before some version. They exist all the
 * same; their names are looked for when the module is loaded.
 */
#ifndef PIDHOLD_PYTHON_RUNTIME_H
#define PIDHOLD_PYTHON_RUNTIME_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

void pidhold_find_runtime(void);

/* The minor version: 8 of 3.8. */
int pidhold_python_minor(void);

/*
 * Calls Python's audit hooks, as PySys_Audit does. Steals `arguments`, a tuple, which may be NULL with an exception
 * set. 0, or -1 with an exception set.
 */
int pidhold_audit(const char *event, PyObject *arguments);

/* Whether the interpreter that calls is the main one; true where that cannot be told. */
int pidhold_is_main_interpreter(void);

/* Whether the interpreter is being finalized. */
int pidhold_is_finalizing(void);

/* PythonFinalizationError; before 3.13 RuntimeError. Borrowed. Its name in builtins is gone when it is needed. */
PyObject *pidhold_finalization_error(void);

#endif
