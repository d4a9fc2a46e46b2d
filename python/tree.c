/* SPDX-License-Identifier: ISC */
/* The tree of what is held: listed, and ended. */
#include "object.h"

#include <errno.h>
#include <stdlib.h>

/* Members of a tree, told while other threads run Python. */
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

/* Who has ended, and was only not waited for, does not live on. */
static int collect_living(void *context, const struct hold_member *member) {
	return member->state == 'Z' || member->state == 'X' ? 0 : collect(context, member);
}

static PyObject *member_of(PyObject *class, const struct hold_member *member) {
	PyObject *command = PyUnicode_DecodeFSDefault(member->command);

	if (!command)
		return NULL;
	return PyObject_CallFunction(class, "LLICNs", (long long)member->pid, (long long)member->parent,
				     (unsigned)member->user, (int)member->state, command, member->reference);
}

/* A list of pidhold.Member; frees the array. */
static PyObject *list_of(struct members *members) {
	PyObject *list = PyList_New(0), *class = list ? pidhold_class("Member") : NULL;

	for (size_t i = 0; class && list && i < members->count; i++) {
		PyObject *member = member_of(class, &members->array[i]);

		if (!member || PyList_Append(list, member) < 0)
			Py_CLEAR(list);
		Py_XDECREF(member);
	}
	if (!class)
		Py_CLEAR(list);
	Py_XDECREF(class);
	free(members->array);
	return list;
}

PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct members members = { 0 };
	struct pidhold_held *held;
	int result;

	(void)nothing;
	if (self->has_ended)
		return PyList_New(0);
	held = pidhold_use(self);
	if (!held)
		return NULL;
	Py_BEGIN_ALLOW_THREADS result = hold_tree_list(held->hold, collect, &members);
	Py_END_ALLOW_THREADS pidhold_let_go(held);
	if (result >= 0)
		return list_of(&members);
	free(members.array);
	return pidhold_raise(result);
}

int pidhold_stop_tree(struct hold *hold, const struct hold_rung *ladder, size_t count, struct hold_tree_report *report,
		      hold_tree_visitor *survivor, void *context) {
	int result = hold_tree_stop(hold, ladder, count, report, survivor, context);

	if (result == -ENOSYS) {
		result = hold_stop(hold, ladder, count);
		if (result == HOLD_PENDING)
			result = HOLD_SURVIVORS;
	}
	return result;
}

/* StopFailed, with the list, if some are left; else the report. Of what one who had ended left nothing is known. */
static PyObject *tell_stop(struct pidhold_object *self, int result, const struct hold_tree_report *report,
			   struct members *survivors) {
	PyObject *left = list_of(survivors), *class, *told;

	if (!left)
		return NULL;
	if (result != HOLD_GONE) {
		Py_XDECREF(self->left);
		self->left = left;
	} else {
		Py_DECREF(left);
	}
	if (result == HOLD_SURVIVORS)
		return pidhold_raise_own("StopFailed", Py_BuildValue("(LO)", (long long)self->pid, left));
	class = pidhold_class("Stopped");
	if (!class)
		return NULL;
	told = PyObject_CallFunction(class, "IIII", (unsigned)report->seen, (unsigned)report->ended,
				     (unsigned)report->terminated, (unsigned)report->killed);
	Py_DECREF(class);
	return told;
}

/* After a stop: it has ended, or it is known to be left. -1 with an exception set. */
static int stop_held(struct pidhold_object *self, struct pidhold_held *held, PyObject *ladder,
		     struct hold_tree_report *report, struct members *survivors) {
	struct hold_rung rungs[HOLD_LADDER_MAX];
	size_t count = 0;
	int result;

	if (ladder != Py_None && pidhold_ladder(ladder, rungs, &count) < 0)
		return -1;
	if (pidhold_tell("pidhold.stop_tree", Py_BuildValue("(L)", (long long)self->pid)) < 0)
		return -1;
	Py_BEGIN_ALLOW_THREADS result =
		pidhold_stop_tree(held->hold, count ? rungs : NULL, count, report, collect_living, survivors);
	Py_END_ALLOW_THREADS if (result < 0) pidhold_raise(result);
	else if (pidhold_wait_until(self, held, HOLD_NOW) < 0) result = -1;
	return result < 0 ? -1 : result;
}

PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords) {
	static char *names[] = { "ladder", NULL };
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct hold_tree_report report = { .size = sizeof report };
	struct members survivors = { 0 };
	PyObject *ladder = Py_None;
	int result = HOLD_GONE;
	struct pidhold_held *held;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:stop", names, &ladder))
		return NULL;
	if (!self->has_ended) {
		held = pidhold_use(self);
		if (!held)
			return NULL;
		result = stop_held(self, held, ladder, &report, &survivors);
		pidhold_let_go(held);
	}
	if (result < 0) {
		free(survivors.array);
		return NULL;
	}
	return tell_stop(self, result, &report, &survivors);
}
