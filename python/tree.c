/* SPDX-License-Identifier: ISC */
/* The tree of the process held: listed, signalled, and awaited. */
#include "convert.h"
#include "runtime.h"
#include "object.h"

#include <errno.h>
#include <stdlib.h>

static int add(struct pidhold_members *members, const struct hold_member *member) {
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
int pidhold_collect(void *context, const struct hold_member *member) {
	return member->state == 'Z' || member->state == 'X' ? 0 : add(context, member);
}

static PyObject *member_of(const struct pidhold_object *self, const struct hold_member *member) {
	PyObject *command = PyUnicode_DecodeFSDefault(member->command);

	if (!command)
		return NULL;
	return pidhold_call(self, "Member",
			    Py_BuildValue("(LLICNs)", (long long)member->pid, (long long)member->parent,
					  (unsigned)member->user, (int)member->state, command, member->reference));
}

PyObject *pidhold_list(const struct pidhold_object *self, struct pidhold_members *members) {
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && i < members->count; i++) {
		PyObject *member = member_of(self, &members->array[i]);

		if (!member || PyList_Append(list, member) < 0)
			Py_CLEAR(list);
		Py_XDECREF(member);
	}
	free(members->array);
	return list;
}

/* The live processes. NULL with an exception set; an empty list where none is known. */
static PyObject *list_tree(const struct pidhold_object *self, const struct pidhold_held *held) {
	PyThreadState *others = PyEval_SaveThread();
	struct pidhold_members members = { 0 };
	int result = hold_tree_list(held->hold, pidhold_collect, &members);

	PyEval_RestoreThread(others);
	if (result >= 0)
		return pidhold_list(self, &members);
	free(members.array);
	return pidhold_raise(result);
}

PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	PyObject *list;

	(void)nothing;
	if (!held)
		return NULL;
	list = list_tree((struct pidhold_object *)object, held);
	pidhold_let_go(held, object);
	return list;
}

PyObject *pidhold_left(struct pidhold_object *self) {
	struct pidhold_held *held = self->held ? pidhold_use(self) : NULL;
	PyObject *left = self->left;

	if (held && pidhold_is_contained(held->hold)) {
		left = list_tree(self, held);
		if (!left) /* the keeper was killed, or no descriptor is left */
			PyErr_Clear();
	} else {
		Py_XINCREF(left);
	}
	if (held)
		pidhold_let_go(held, (PyObject *)self);
	if (left)
		return left;
	Py_RETURN_NONE;
}

/* ---- signals to all of it ---- */

static int signal_tree(struct pidhold_held *held, int signal) {
	PyThreadState *others = PyEval_SaveThread();
	const int result = hold_tree_signal(held->hold, signal);

	PyEval_RestoreThread(others);
	return result;
}

PyObject *pidhold_hold_tree_signal(PyObject *object, PyObject *args) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held;
	int signal, result;

	if (!PyArg_ParseTuple(args, "O&:signal_tree", pidhold_signal_number, &signal))
		return NULL;
	held = pidhold_use(self);
	if (!held)
		return NULL;
	result = pidhold_audit("pidhold.signal_tree", Py_BuildValue("(Li)", (long long)self->pid, signal));
	if (result == 0)
		result = signal_tree(held, signal);
	pidhold_let_go(held, object);
	if (result < 0)
		return PyErr_Occurred() ? NULL : pidhold_raise(result);
	return PyBool_FromLong(result != HOLD_GONE);
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
	knows = result == 0 || (pidhold_is_contained(held->hold) && hold_tree_wait(held->hold, HOLD_NOW) >= 0);
	pidhold_let_go(held, object);
	if (result < 0)
		return NULL;
	if (result == HOLD_PENDING)
		return pidhold_raise_expired(self, timeout);
	return PyBool_FromLong(knows);
}

PyObject *pidhold_hold_tree_fd(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int fd;

	(void)nothing;
	if (!held)
		return NULL;
	fd = hold_tree_fd(held->hold);
	pidhold_let_go(held, object);
	return PyLong_FromLong(fd < 0 ? -1 : fd);
}

PyObject *pidhold_hold_containment(PyObject *object, void *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int kind;

	(void)nothing;
	if (!held)
		return NULL;
	kind = hold_containment(held->hold);
	pidhold_let_go(held, object);
	if (kind < 0)
		return pidhold_raise(kind);
	return PyUnicode_FromString(hold_containment_name(kind));
}
