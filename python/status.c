/* SPDX-License-Identifier: ISC */
/* How the process of a Hold ended, as a Status. */
#include "convert.h"
#include "object.h"

static PyObject *number_or_none(int64_t value, double unit) {
	if (value < 0)
		Py_RETURN_NONE;
	return PyFloat_FromDouble((double)value / unit);
}

static PyObject *integer_or_none(int64_t value) {
	if (value < 0)
		Py_RETURN_NONE;
	return PyLong_FromLongLong(value);
}

/* 1 and 0 as True and False. */
static PyObject *truth_or_none(int32_t value) {
	if (value < 0)
		Py_RETURN_NONE;
	return PyBool_FromLong(value);
}

static const char *word_of(const struct hold_status *end) {
	switch (end->how) {
	case HOLD_HOW_EXITED:
		return "exited";
	case HOLD_HOW_SIGNALLED:
		return "signalled";
	default:
		return "unknown";
	}
}

PyObject *pidhold_hold_status(PyObject *object, void *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	const int has_ended = pidhold_has_ended(self);
	const struct hold_status *end = &self->end;
	const int is_known = has_ended > 0 && (end->how == HOLD_HOW_EXITED || end->how == HOLD_HOW_SIGNALLED);
	PyObject *left;

	(void)nothing;
	if (has_ended < 0)
		return NULL;
	if (!has_ended)
		Py_RETURN_NONE;
	left = pidhold_left(self);
	if (!left)
		return NULL;
	return pidhold_call(self, "Status",
			    Py_BuildValue("(sNNNNNNN)", word_of(end), integer_or_none(is_known ? end->code : -1),
					  truth_or_none(end->core_dumped), number_or_none(end->wall_ns, 1e9),
					  number_or_none(end->user_us, 1e6), number_or_none(end->system_us, 1e6),
					  integer_or_none(end->max_rss_kib), left));
}
