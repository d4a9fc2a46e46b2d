/* SPDX-License-Identifier: ISC */
/* The modes of a terminal. */
#ifndef PIDHOLD_PYTHON_MODES_H
#define PIDHOLD_PYTHON_MODES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <termios.h>

/* Those that the library gives a new terminal. 0, or a negative error. */
int pidhold_usual_modes(struct termios *ret);

/* A list as termios.tcgetattr() returns it. 0, or -1 with an exception set. */
int pidhold_modes(PyObject *list, struct termios *ret);

#endif
