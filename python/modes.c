/* SPDX-License-Identifier: ISC */
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Only a new terminal shows them. */
int pidhold_usual_modes(struct termios *ret) {
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), result;

	if (master < 0)
		return -errno;
	result = tcgetattr(master, ret) < 0 ? -errno : 0;
	close(master);
	ret->c_iflag |= IUTF8;
	return result;
}

static int take_flags(PyObject *list, Py_ssize_t place, tcflag_t *ret) {
	const unsigned long value = PyLong_AsUnsignedLong(PyList_GetItem(list, place));

	if (PyErr_Occurred())
		return -1;
	*ret = (tcflag_t)value;
	if (value == *ret)
		return 0;
	PyErr_Format(PyExc_OverflowError, "%lu is out of range for the modes of a terminal", value);
	return -1;
}

/* Bytes of one, or a number. */
static int take_character(PyObject *value, cc_t *ret) {
	long number;

	if (PyBytes_Check(value) && PyBytes_Size(value) == 1)
		number = (unsigned char)PyBytes_AsString(value)[0];
	else
		number = PyLong_AsLong(value);
	if (number == -1 && PyErr_Occurred())
		return -1;
	*ret = (cc_t)number;
	if (number == *ret)
		return 0;
	PyErr_Format(PyExc_OverflowError, "%ld is no character of a terminal", number);
	return -1;
}

/* Four times flags, two speeds, and the list of characters. */
int pidhold_modes(PyObject *list, struct termios *ret) {
	tcflag_t *const flags[] = { &ret->c_iflag, &ret->c_oflag, &ret->c_cflag, &ret->c_lflag };
	PyObject *characters = PyList_GetItem(list, 6);
	tcflag_t in, out;

	for (Py_ssize_t i = 0; i < 4; i++) {
		if (take_flags(list, i, flags[i]) < 0)
			return -1;
	}
	if (take_flags(list, 4, &in) < 0 || take_flags(list, 5, &out) < 0)
		return -1;
	cfsetispeed(ret, in);
	cfsetospeed(ret, out);
	for (Py_ssize_t i = 0; characters && i < PyList_Size(characters) && i < NCCS; i++) {
		if (take_character(PyList_GetItem(characters, i), &ret->c_cc[i]) < 0)
			return -1;
	}
	return 0;
}
