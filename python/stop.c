/* SPDX-License-Identifier: ISC */
/* The tree of the process held is ended: in one call, or step by step for event loops. */
#include "convert.h"
#include "object.h"
#include "runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum { HURRY_MS = 5000 };

/* What a stop came to. */
struct ending {
	struct hold_tree_report report;
	struct pidhold_members survivors;
	int result; /* 0: the tree is empty; HOLD_SURVIVORS; HOLD_GONE: that cannot be known; or an error */
};

/* ---- without the GIL, one thread a hold ---- */

static int begin(struct pidhold_held *held, const struct hold_rung *ladder, size_t count) {
	int result;

	pthread_mutex_lock(&held->stopping);
	held->is_alone = 0;
	held->rung_count = ladder ? count : 0;
	for (size_t i = 0; i < held->rung_count; i++)
		held->rungs[i] = ladder[i];
	result = hold_tree_stop_begin(held->hold, ladder, count);
	pthread_mutex_unlock(&held->stopping);
	return result;
}

static const struct hold_rung *rungs_of(const struct pidhold_held *held) {
	return held->rung_count ? held->rungs : NULL;
}

/* The result of a step in terms of struct ending. */
static int meaning(const struct pidhold_held *held, int result) {
	if (held->is_alone && result == 0) /* of its descendants nothing is known */
		return HOLD_GONE;
	if (result == -EOWNERDEAD) /* the process has ended with its keeper, and its descendants cannot be found */
		return HOLD_GONE;
	if (result == HOLD_NONE_SEEN) /* no more can be known than that the list of survivors is empty */
		return 0;
	return result == HOLD_GONE && pidhold_is_contained(held->hold) ? 0 : result;
}

/*
 * Where the system cannot show the tree the process alone is ended. A stop that another thread brought to its end is
 * begun again: then it finds nobody.
 */
static int step(struct pidhold_held *held, struct hold_tree_report *report) {
	int result = hold_stop_step(held->hold, report);

	if (result == -ENOSYS && !held->is_alone) {
		held->is_alone = 1;
		result = hold_stop_begin(held->hold, rungs_of(held), held->rung_count);
		return result < 0 ? result : HOLD_PENDING;
	}
	if (result == -ENODATA) {
		result = hold_tree_stop_begin(held->hold, rungs_of(held), held->rung_count);
		return result < 0 ? result : HOLD_PENDING;
	}
	return result == HOLD_PENDING ? result : meaning(held, result);
}

static int take_step(struct pidhold_held *held, struct ending *ending) {
	pthread_mutex_lock(&held->stopping);
	ending->report.size = sizeof ending->report;
	ending->result = step(held, &ending->report);
	pthread_mutex_unlock(&held->stopping);
	if (ending->result == HOLD_SURVIVORS)
		hold_tree_list(held->hold, pidhold_collect, &ending->survivors);
	return ending->result;
}

static void when_to_step(struct pidhold_held *held, int *ret_fd, int64_t *ret_deadline) {
	pthread_mutex_lock(&held->stopping);
	*ret_fd = hold_stop_fd(held->hold);
	*ret_deadline = hold_stop_deadline(held->hold);
	pthread_mutex_unlock(&held->stopping);
}

static void sleep_until_step(struct pidhold_held *held) {
	int64_t deadline;
	int fd;

	when_to_step(held, &fd, &deadline);
	pidhold_sleep(fd, deadline);
}

/* ---- with the GIL ---- */

static int begin_without_gil(struct pidhold_held *held, const struct hold_rung *ladder, size_t count) {
	PyThreadState *others = PyEval_SaveThread();
	const int result = begin(held, ladder, count);

	PyEval_RestoreThread(others);
	return result;
}

static int step_without_gil(struct pidhold_held *held, struct ending *ending, int sleeps) {
	PyThreadState *others = PyEval_SaveThread();
	const int result = take_step(held, ending);

	if (result == HOLD_PENDING && sleeps)
		sleep_until_step(held);
	PyEval_RestoreThread(others);
	return result;
}

/* Jumps to the last rung, with a bound for its time. */
static void hurry(struct pidhold_held *held) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	struct hold_rung last = held->rung_count ? held->rungs[held->rung_count - 1] : kill;

	if (last.wait_ms > HURRY_MS)
		last.wait_ms = HURRY_MS;
	begin_without_gil(held, &last, 1);
}

/* Whatever a handler raises is raised at the end. */
static void end_tree(struct pidhold_held *held, struct ending *ending) {
	PyObject *type = NULL, *value = NULL, *trace = NULL;

	while (step_without_gil(held, ending, 1) == HOLD_PENDING) {
		if (type || PyErr_CheckSignals() == 0)
			continue;
		PyErr_Fetch(&type, &value, &trace);
		hurry(held);
	}
	if (type)
		PyErr_Restore(type, value, trace);
}

/* Stores the list of survivors in the Hold; if that cannot be known, the former list stays. -1: an exception. */
static int remember(struct pidhold_object *self, struct ending *ending) {
	PyObject *left = pidhold_list(self, &ending->survivors);

	if (!left)
		return -1;
	if (ending->result == HOLD_GONE) {
		Py_DECREF(left);
		return 0;
	}
	Py_XDECREF(self->left);
	self->left = left;
	return 0;
}

static PyObject *report_of(const struct pidhold_object *self, const struct hold_tree_report *report) {
	return pidhold_call(self, "Stopped",
			    Py_BuildValue("(IIII)", (unsigned)report->seen, (unsigned)report->ended,
					  (unsigned)report->terminated, (unsigned)report->killed));
}

/* Stores what is known after the end. -1: an exception. */
static int finish(struct pidhold_object *self, struct pidhold_held *held, struct ending *ending) {
	if (ending->result < 0) {
		free(ending->survivors.array);
		pidhold_raise(ending->result);
		return -1;
	}
	if (remember(self, ending) < 0 || pidhold_wait_until(self, held, HOLD_NOW) < 0)
		return -1;
	return ending->result;
}

int pidhold_end(struct pidhold_object *self, struct pidhold_held *held, const struct hold_rung *ladder, size_t count,
		PyObject **ret_report) {
	struct ending ending = { .result = HOLD_GONE };
	PyObject *type, *value, *trace;
	int result;

	if (pidhold_wait_until(self, held, HOLD_NOW) < 0) /* notes an end, so that no tree is guessed for it */
		return -1;
	ending.result = begin_without_gil(held, ladder, count);
	if (ending.result == 0)
		end_tree(held, &ending);
	PyErr_Fetch(&type, &value, &trace);
	result = finish(self, held, &ending);
	if (type) {
		PyErr_Clear();
		PyErr_Restore(type, value, trace);
		return -1;
	}
	if (result < 0 || !ret_report)
		return result;
	*ret_report = report_of(self, &ending.report);
	return *ret_report ? result : -1;
}

/* The Stopped, or StopFailed. Steals the report. */
static PyObject *answer(const struct pidhold_object *self, int result, PyObject *report) {
	if (result != HOLD_SURVIVORS)
		return report;
	Py_DECREF(report);
	return pidhold_raise_own(self, "StopFailed", Py_BuildValue("(LO)", (long long)self->pid, self->left));
}

static int tell(const struct pidhold_object *self) {
	return pidhold_audit("pidhold.stop_tree", Py_BuildValue("(L)", (long long)self->pid));
}

static PyObject *stop(struct pidhold_object *self, struct pidhold_held *held, PyObject *ladder) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	PyObject *report = NULL;
	size_t count = 0;
	int result;

	if (ladder != Py_None && pidhold_ladder(ladder, rungs, &count) < 0)
		return NULL;
	if (tell(self) < 0)
		return NULL;
	result = pidhold_end(self, held, count ? rungs : NULL, count, &report);
	return result < 0 ? NULL : answer(self, result, report);
}

PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords) {
	static char *names[] = { "ladder", NULL };
	struct pidhold_object *self = (struct pidhold_object *)object;
	PyObject *ladder = Py_None, *report;
	struct pidhold_held *held;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:stop", names, &ladder))
		return NULL;
	if (!self->held && self->has_ended) /* close() has ended all that could be ended */
		return pidhold_call(self, "Stopped", Py_BuildValue("(iiii)", 0, 0, 0, 0));
	held = pidhold_use(self);
	if (!held)
		return NULL;
	report = stop(self, held, ladder);
	pidhold_let_go(held, object);
	return report;
}

/* ---- step by step ---- */

static int begin_steps(struct pidhold_object *self, struct pidhold_held *held, PyObject *ladder) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count = 0;
	int result;

	if (ladder != Py_None && pidhold_ladder(ladder, rungs, &count) < 0)
		return -1;
	if (tell(self) < 0 || pidhold_wait_until(self, held, HOLD_NOW) < 0)
		return -1;
	result = begin_without_gil(held, count ? rungs : NULL, count);
	if (result < 0)
		pidhold_raise(result);
	return result;
}

PyObject *pidhold_hold_stop_begin(PyObject *object, PyObject *args) {
	struct pidhold_held *held;
	PyObject *ladder;
	int result;

	if (!PyArg_ParseTuple(args, "O:_stop_begin", &ladder))
		return NULL;
	held = pidhold_use_to_close((struct pidhold_object *)object);
	if (!held)
		return NULL;
	result = begin_steps((struct pidhold_object *)object, held, ladder);
	pidhold_let_go(held, object);
	if (result < 0)
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *one_step(struct pidhold_object *self, struct pidhold_held *held) {
	struct ending ending = { .result = HOLD_GONE };
	PyObject *report;
	int result;

	if (step_without_gil(held, &ending, 0) == HOLD_PENDING)
		Py_RETURN_NONE;
	result = finish(self, held, &ending);
	if (result < 0)
		return NULL;
	report = report_of(self, &ending.report);
	return report ? answer(self, result, report) : NULL;
}

PyObject *pidhold_hold_stop_step(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use_to_close((struct pidhold_object *)object);
	PyObject *result;

	(void)nothing;
	if (!held)
		return NULL;
	result = one_step((struct pidhold_object *)object, held);
	pidhold_let_go(held, object);
	return result;
}

PyObject *pidhold_hold_stop_next(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use_to_close((struct pidhold_object *)object);
	int64_t deadline;
	int fd;

	(void)nothing;
	if (!held)
		return NULL;
	when_to_step(held, &fd, &deadline);
	pidhold_let_go(held, object);
	if (deadline == HOLD_FOREVER)
		return Py_BuildValue("(iO)", fd, Py_None);
	deadline -= hold_now();
	return Py_BuildValue("(id)", fd, deadline > 0 ? (double)deadline / 1e9 : 0.0);
}
