/* SPDX-License-Identifier: ISC */
/* What a process does short of ending: it is stopped and continued. */
#include "convert.h"
#include "object.h"

PyObject *pidhold_hold_take_change(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int change;

	(void)nothing;
	if (!held)
		return NULL;
	change = hold_job_take(held->hold);
	pidhold_let_go(held, object);
	if (change < 0)
		return pidhold_raise(change);
	if (change == 0)
		Py_RETURN_NONE;
	return PyUnicode_FromString(change == HOLD_JOB_STOPPED ? "stopped" : "continued");
}

PyObject *pidhold_hold_job_fd(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int fd;

	(void)nothing;
	if (!held)
		return NULL;
	fd = hold_job_fd(held->hold);
	pidhold_let_go(held, object);
	return fd < 0 ? pidhold_raise(fd) : PyLong_FromLong(fd);
}
