/* SPDX-License-Identifier: ISC */
/* A process that another program started is held, and a process is described and reniced. */
#include "convert.h"
#include "object.h"
#include "runtime.h"

#include <errno.h>

/* HOLD_GONE: a reference names a process that has ended. */
static int adopt_by_reference(struct hold **ret, PyObject *value) {
	PyObject *bytes = PyUnicode_AsUTF8String(value);
	int result;

	if (!bytes)
		return -1;
	result = hold_adopt_reference(ret, PyBytes_AsString(bytes));
	Py_DECREF(bytes);
	return result;
}

/* A reference, a descriptor or a number. A negative result may come with an exception. */
static int adopt(struct hold **ret, PyObject *value, int is_fd) {
	long long number;

	if (PyUnicode_Check(value))
		return adopt_by_reference(ret, value);
	number = PyLong_AsLongLong(value);
	if (number == -1 && PyErr_Occurred())
		return -1;
	if (!is_fd)
		return hold_adopt(ret, number);
	return number < 0 || number > INT32_MAX ? -EBADF : hold_adopt_fd(ret, (int)number);
}

/* (what, is_fd) */
PyObject *pidhold_hold_adopt(PyObject *type, PyObject *args) {
	struct hold *h = NULL;
	PyObject *value;
	int is_fd, result;

	if (!PyArg_ParseTuple(args, "Op:_adopt", &value, &is_fd))
		return NULL;
	if (pidhold_audit("pidhold.adopt", Py_BuildValue("(O)", value)) < 0)
		return NULL;
	result = adopt(&h, value, is_fd);
	if (result == HOLD_GONE)
		result = -ESRCH;
	if (result < 0)
		return PyErr_Occurred() ? NULL : pidhold_raise(result);
	return pidhold_hold_new((PyTypeObject *)type, h, HOLD_ON_RELEASE_LEAVE, Py_None);
}

static PyObject *description_of(const struct pidhold_object *self, const struct hold_description *description) {
	PyObject *command = PyUnicode_DecodeFSDefault(description->command);

	if (!command)
		return NULL;
	return pidhold_call(self, "Description",
			    Py_BuildValue("(LLLLIiiCN)", (long long)description->pid, (long long)description->parent,
					  (long long)description->group, (long long)description->session,
					  (unsigned)description->user, (int)description->niceness,
					  (int)description->threads, (int)description->state, command));
}

PyObject *pidhold_hold_describe(PyObject *object, PyObject *nothing) {
	struct hold_description description = { .size = sizeof description };
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int result;

	(void)nothing;
	if (!held)
		return NULL;
	result = hold_describe(held->hold, &description);
	pidhold_let_go(held, object);
	if (result < 0)
		return pidhold_raise(result);
	if (result == HOLD_GONE)
		Py_RETURN_NONE;
	return description_of((struct pidhold_object *)object, &description);
}

PyObject *pidhold_hold_renice(PyObject *object, PyObject *args) {
	struct pidhold_held *held;
	int increment, niceness, result;

	if (!PyArg_ParseTuple(args, "i:renice", &increment))
		return NULL;
	held = pidhold_use((struct pidhold_object *)object);
	if (!held)
		return NULL;
	result = hold_renice(held->hold, increment, &niceness, NULL);
	pidhold_let_go(held, object);
	if (result < 0)
		return pidhold_raise(result);
	if (result == HOLD_GONE)
		Py_RETURN_NONE;
	return PyLong_FromLong(niceness);
}
