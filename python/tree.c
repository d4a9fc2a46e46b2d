/* SPDX-License-Identifier: ISC */
/* The tree of the process held: listed, and ended. */
#include "convert.h"
#include "runtime.h"
#include "object.h"

#include <errno.h>
#include <stdlib.h>

/* Members of a tree, collected without the GIL. */
struct members {
	struct hold_member *array;
	size_t count, room;
};

static int collect(void *context, const struct hold_member *member) {
	struct members *members = context;

	if (members->count == members->room) {
		const size_t room = members->room ? 2 * members->room : 16;
		struct hold_member *array = realloc(members->array, room * sizeof *array);

		if (!array)
			return -ENOMEM;
		members->array = array;
		members->room = room;
	}
	members->array[members->count++] = *member;
	return 0;
}

/* A zombie does not live on. */
static int collect_living(void *context, const struct hold_member *member) {
	return member->state == 'Z' || member->state == 'X' ? 0 : collect(context, member);
}

static PyObject *member_of(const struct hold_member *member) {
	PyObject *command = PyUnicode_DecodeFSDefault(member->command);

	if (!command)
		return NULL;
	return pidhold_call("Member",
			    Py_BuildValue("(LLICNs)", (long long)member->pid, (long long)member->parent,
					  (unsigned)member->user, (int)member->state, command, member->reference));
}

/* A list of pidhold.Member; frees the array. */
static PyObject *list_of(struct members *members) {
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && i < members->count; i++) {
		PyObject *member = member_of(&members->array[i]);

		if (!member || PyList_Append(list, member) < 0)
			Py_CLEAR(list);
		Py_XDECREF(member);
	}
	free(members->array);
	return list;
}

/* The live processes. NULL with an exception set; an empty list where none is known. */
static PyObject *list_tree(struct pidhold_held *held) {
	PyThreadState *others = PyEval_SaveThread();
	struct members members = { 0 };
	int result = hold_tree_list(held->hold, collect_living, &members);

	PyEval_RestoreThread(others);
	if (result >= 0)
		return list_of(&members);
	free(members.array);
	return pidhold_raise(result);
}

PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	PyObject *list;

	(void)nothing;
	if (!held)
		return NULL;
	list = list_tree(held);
	pidhold_let_go(held);
	return list;
}

static int is_contained(const struct hold *hold) {
	return hold_containment(hold) >= HOLD_CONTAIN_KEEPER;
}

PyObject *pidhold_left(struct pidhold_object *self) {
	struct pidhold_held *held = self->held ? pidhold_use(self) : NULL;
	PyObject *left = self->left;

	if (held && is_contained(held->hold)) {
		left = list_tree(held);
		if (!left) /* the keeper was killed, or no descriptor is left */
			PyErr_Clear();
	} else {
		Py_XINCREF(left);
	}
	if (held)
		pidhold_let_go(held);
	if (left)
		return left;
	Py_RETURN_NONE;
}

/* ---- the end ---- */

struct ending {
	struct hold_tree_report report;
	struct members survivors;
	int result; /* 0: the tree is empty; HOLD_SURVIVORS; HOLD_GONE: that cannot be known; or an error */
};

/* Where the system cannot show the tree the process alone is ended. Without the GIL. */
static int end_tree(struct hold *hold, const struct hold_rung *ladder, size_t count, struct ending *ending) {
	int result = hold_tree_stop(hold, ladder, count, &ending->report, collect_living, &ending->survivors);

	if (result == -ENOSYS) {
		result = hold_stop(hold, ladder, count);
		return result == HOLD_PENDING ? HOLD_SURVIVORS : result == 0 ? HOLD_GONE : result;
	}
	if (result == -EOWNERDEAD) /* the process has ended with its keeper, and its descendants cannot be found */
		return HOLD_GONE;
	if (result == HOLD_NONE_SEEN) /* no more can be known than that the list of survivors is empty */
		return 0;
	return result == HOLD_GONE && is_contained(hold) ? 0 : result;
}

/* Stores the list of survivors in the Hold; if that cannot be known, the former list stays. -1: an exception. */
static int remember(struct pidhold_object *self, struct ending *ending) {
	PyObject *left = list_of(&ending->survivors);

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

int pidhold_end(struct pidhold_object *self, struct pidhold_held *held, const struct hold_rung *ladder, size_t count,
		PyObject **ret_report) {
	struct ending ending = { .report.size = sizeof ending.report, .result = HOLD_GONE };
	PyThreadState *others;

	if (pidhold_wait_until(self, held, HOLD_NOW) < 0) /* notes an end, so that no tree is guessed for it */
		return -1;
	others = PyEval_SaveThread();
	ending.result = end_tree(held->hold, ladder, count, &ending);
	PyEval_RestoreThread(others);
	if (ending.result < 0) {
		free(ending.survivors.array);
		pidhold_raise(ending.result);
		return -1;
	}
	if (remember(self, &ending) < 0 || pidhold_wait_until(self, held, HOLD_NOW) < 0)
		return -1;
	if (!ret_report)
		return ending.result;
	*ret_report = pidhold_call("Stopped",
				   Py_BuildValue("(IIII)", (unsigned)ending.report.seen, (unsigned)ending.report.ended,
						 (unsigned)ending.report.terminated, (unsigned)ending.report.killed));
	return *ret_report ? ending.result : -1;
}

static PyObject *stop(struct pidhold_object *self, struct pidhold_held *held, PyObject *ladder) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	PyObject *report = NULL;
	size_t count = 0;
	int result;

	if (ladder != Py_None && pidhold_ladder(ladder, rungs, &count) < 0)
		return NULL;
	if (pidhold_audit("pidhold.stop_tree", Py_BuildValue("(L)", (long long)self->pid)) < 0)
		return NULL;
	result = pidhold_end(self, held, count ? rungs : NULL, count, &report);
	if (result != HOLD_SURVIVORS)
		return report;
	Py_DECREF(report);
	return pidhold_raise_own("StopFailed", Py_BuildValue("(LO)", (long long)self->pid, self->left));
}

PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords) {
	static char *names[] = { "ladder", NULL };
	struct pidhold_object *self = (struct pidhold_object *)object;
	PyObject *ladder = Py_None, *report;
	struct pidhold_held *held;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:stop", names, &ladder))
		return NULL;
	if (!self->held && self->has_ended) /* close() has ended all that could be ended */
		return pidhold_call("Stopped", Py_BuildValue("(iiii)", 0, 0, 0, 0));
	held = pidhold_use(self);
	if (!held)
		return NULL;
	report = stop(self, held, ladder);
	pidhold_let_go(held);
	return report;
}

/* ---- waiting for all of it ---- */

static int ask_for_emptiness(struct hold *hold, int64_t deadline, void *context) {
	int result = hold_tree_wait(hold, deadline);

	(void)context;
	if (result == -EOWNERDEAD)
		return HOLD_GONE;
	if (result != -ENOSYS)
		return result;
	result = hold_wait(hold, deadline, NULL); /* the process is all that can be seen here */
	return result == 0 ? HOLD_GONE : result;
}

PyObject *pidhold_hold_wait_tree(PyObject *object, PyObject *args, PyObject *keywords) {
	static char *names[] = { "timeout", NULL };
	struct pidhold_object *self = (struct pidhold_object *)object;
	PyObject *timeout = Py_None;
	struct pidhold_held *held;
	int64_t deadline;
	int result, knows;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:wait_tree", names, &timeout))
		return NULL;
	if (pidhold_deadline(timeout, &deadline) < 0)
		return NULL;
	held = pidhold_use(self);
	if (!held)
		return NULL;
	result = pidhold_await(held->hold, hold_tree_fd(held->hold), deadline, ask_for_emptiness, NULL);
	knows = result == 0 || (is_contained(held->hold) && hold_tree_wait(held->hold, HOLD_NOW) >= 0);
	pidhold_let_go(held);
	if (result < 0)
		return NULL;
	if (result == HOLD_PENDING)
		return pidhold_raise_expired(self, timeout);
	return PyBool_FromLong(knows);
}

PyObject *pidhold_hold_containment(PyObject *object, void *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int kind;

	(void)nothing;
	if (!held)
		return NULL;
	kind = hold_containment(held->hold);
	pidhold_let_go(held);
	if (kind < 0)
		return pidhold_raise(kind);
	return PyUnicode_FromString(hold_containment_name(kind));
}
