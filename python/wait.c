/* SPDX-License-Identifier: ISC */
/* Waiting for the end of the process held, and how it ended. */
#include "convert.h"
#include "object.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

enum {
	TELLING_MS = 20, /* the longest wait without the GIL for a status that is not known yet */
	NS_PER_S = 1000000000
};

PyObject *pidhold_raise_expired(const struct pidhold_object *self, PyObject *timeout) {
	return pidhold_raise_own(self, "TimeoutExpired", PyTuple_Pack(2, self->arguments, timeout));
}

static int64_t earlier(int64_t a, int64_t b) {
	return a < b ? a : b;
}

int pidhold_sleep(int fd, int64_t deadline) {
	struct pollfd end = { .fd = fd, .events = POLLIN };
	const int64_t left = deadline == HOLD_FOREVER ? 0 : deadline - hold_now();
	const struct timespec time = { .tv_sec = left > 0 ? (time_t)(left / NS_PER_S) : 0,
				       .tv_nsec = left > 0 ? (long)(left % NS_PER_S) : 0 };

	return ppoll(&end, 1, deadline == HOLD_FOREVER ? NULL : &time, NULL) < 0 ? -errno : 0;
}

/* Sleeps until the descriptor is readable, then calls question; without a descriptor at once. The GIL is released. */
static int ask(struct hold *hold, int fd, int64_t deadline, pidhold_question *question, void *context) {
	PyThreadState *others = PyEval_SaveThread();
	int slept = fd < 0 || deadline == HOLD_NOW ? 0 : pidhold_sleep(fd, deadline), result = HOLD_PENDING;

	if (slept != -EINTR)
		result = question(hold, earlier(deadline, hold_after_ms(TELLING_MS)), context);
	PyEval_RestoreThread(others);
	return result;
}

int pidhold_await(struct hold *hold, int fd, int64_t deadline, pidhold_question *question, void *context) {
	int result;

	do {
		result = ask(hold, fd, deadline, question, context);
		if (result == HOLD_PENDING && deadline != HOLD_NOW && PyErr_CheckSignals() < 0)
			return -1;
	} while (result == HOLD_PENDING && hold_now() < deadline);
	if (result >= 0)
		return result;
	pidhold_raise(result);
	return -1;
}

static int ask_for_end(struct hold *hold, int64_t deadline, void *status) {
	return hold_wait(hold, deadline, status);
}

int pidhold_wait_until(struct pidhold_object *self, struct pidhold_held *held, int64_t deadline) {
	struct hold_status status = { .size = sizeof status };
	int result = pidhold_await(held->hold, hold_fd(held->hold), deadline, ask_for_end, &status);

	if (result == 0) {
		self->end = status;
		self->has_ended = 1;
	}
	return result;
}

int pidhold_has_ended(struct pidhold_object *self) {
	struct pidhold_held *held;
	int result;

	if (self->has_ended || !self->held)
		return self->has_ended;
	held = pidhold_use_to_close(self);
	result = pidhold_wait_until(self, held, HOLD_NOW);
	pidhold_let_go(held, (PyObject *)self);
	return result < 0 ? -1 : result == 0;
}

/* The return code as in subprocess; None while the process lives, and always if its status cannot be known. */
static PyObject *code_of(const struct pidhold_object *self) {
	if (!self->has_ended || self->end.how == HOLD_HOW_UNKNOWN)
		Py_RETURN_NONE;
	return PyLong_FromLong(self->end.how == HOLD_HOW_SIGNALLED ? -self->end.code : self->end.code);
}

static PyObject *answer(const struct pidhold_object *self) {
	if (self->end.how == HOLD_HOW_UNKNOWN)
		return pidhold_raise_own(self, "StatusUnknown", Py_BuildValue("(L)", (long long)self->pid));
	return code_of(self);
}

PyObject *pidhold_hold_wait(PyObject *object, PyObject *args, PyObject *keywords) {
	static char *names[] = { "timeout", NULL };
	struct pidhold_object *self = (struct pidhold_object *)object;
	PyObject *timeout = Py_None;
	struct pidhold_held *held;
	int64_t deadline;
	int result;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:wait", names, &timeout))
		return NULL;
	if (pidhold_deadline(timeout, &deadline) < 0)
		return NULL;
	if (self->has_ended)
		return answer(self);
	held = pidhold_use(self);
	if (!held)
		return NULL;
	result = pidhold_wait_until(self, held, deadline);
	pidhold_let_go(held, object);
	if (result < 0)
		return NULL;
	return result == 0 ? answer(self) : pidhold_raise_expired(self, timeout);
}

PyObject *pidhold_hold_poll(PyObject *object, PyObject *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	const int has_ended = pidhold_has_ended(self);

	(void)nothing;
	if (has_ended < 0)
		return NULL;
	if (has_ended)
		return answer(self);
	Py_RETURN_NONE;
}

PyObject *pidhold_hold_returncode(PyObject *object, void *nothing) {
	(void)nothing;
	return code_of((struct pidhold_object *)object);
}
