/* SPDX-License-Identifier: ISC */
/*
 * What of the running interpreter the limited API lacks, or lacks before some version. It is there all the same, under
 * a name that is looked for when the module is loaded.
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

/* Whether the interpreter is on its way out. */
int pidhold_is_finalizing(void);

/* PythonFinalizationError, or what stood for it before 3.13; borrowed. Its name in builtins is gone when it is due. */
PyObject *pidhold_finalization_error(void);

#endif
