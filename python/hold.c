/* SPDX-License-Identifier: ISC */
/* The type Hold: one process, held. */
#include "hold.h"
#include "convert.h"
#include "runtime.h"
#include "hold-doc.h"
#include "object.h"
#include "spawn.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>

/* ---- users of its descriptor ---- */

static void end_lease(PyObject *capsule) {
	pidhold_let_go(PyCapsule_GetPointer(capsule, "pidhold.lease"));
}

static PyObject *lease(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	PyObject *capsule;

	(void)nothing;
	if (!held)
		return NULL;
	capsule = PyCapsule_New(held, "pidhold.lease", end_lease);
	if (!capsule)
		pidhold_let_go(held);
	return capsule;
}

/* ---- signals ---- */

static PyObject *send(PyObject *object, int signal) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held;
	int result;

	if (self->has_ended)
		Py_RETURN_FALSE;
	held = pidhold_use(self);
	if (!held)
		return NULL;
	result = pidhold_audit("pidhold.signal", Py_BuildValue("(Li)", (long long)self->pid, signal));
	if (result == 0)
		result = hold_signal(held->hold, signal);
	pidhold_let_go(held);
	if (result < 0)
		return PyErr_Occurred() ? NULL : pidhold_raise(result);
	return PyBool_FromLong(result != HOLD_GONE);
}

static PyObject *signal_method(PyObject *object, PyObject *args) {
	int signal;

	return PyArg_ParseTuple(args, "i:signal", &signal) ? send(object, signal) : NULL;
}

static PyObject *terminate_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	return send(object, SIGTERM);
}

static PyObject *kill_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	return send(object, SIGKILL);
}

/* ---- closing ---- */

/* Does what on_release says to a process that lives, and in a contained tree to its descendants. */
static void end_as_chosen(struct pidhold_object *self, struct pidhold_held *held) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	const int is_kill = self->on_release == HOLD_ON_RELEASE_KILL;
	int result = pidhold_wait_until(self, held, HOLD_NOW);

	if (result >= 0 && self->on_release != HOLD_ON_RELEASE_LEAVE)
		result = pidhold_end(self, held, is_kill ? &kill : NULL, is_kill ? 1 : 0, NULL);
	if (result < 0) /* hold_release does the same, and raises nothing */
		PyErr_Clear();
}

/* A pipe whose reader has gone is closed without an error: no process could read what was not written to it. */
static int close_file(PyObject *file) {
	PyObject *result;

	if (!file || file == Py_None)
		return 0;
	result = PyObject_CallMethod(file, "close", NULL);
	if (!result && PyErr_ExceptionMatches(PyExc_BrokenPipeError))
		PyErr_Clear();
	else if (!result)
		return -1;
	Py_XDECREF(result);
	return 0;
}

/* Closes all; the first exception is the one that is raised. */
static int close_files(const struct pidhold_object *self) {
	PyObject *const files[] = { self->in, self->out, self->err, self->terminal };
	PyObject *type = NULL, *value = NULL, *trace = NULL;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (close_file(files[i]) == 0)
			continue;
		if (type)
			PyErr_Clear();
		else
			PyErr_Fetch(&type, &value, &trace);
	}
	if (!type)
		return 0;
	PyErr_Restore(type, value, trace);
	return -1;
}

static PyObject *close_method(PyObject *object, PyObject *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held = self->held;

	(void)nothing;
	self->held = NULL;
	if (held) {
		end_as_chosen(self, held);
		pidhold_let_go(held);
	}
	if (close_files(self) < 0)
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *enter_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	Py_INCREF(object);
	return object;
}

static PyObject *exit_method(PyObject *object, PyObject *args) {
	PyObject *closed = close_method(object, NULL);

	(void)args;
	if (!closed)
		return NULL;
	Py_DECREF(closed);
	Py_RETURN_FALSE;
}

enum { MOMENT_MS = 20 };

static void warn_of_living(PyObject *object) {
	const long long pid = ((struct pidhold_object *)object)->pid;

	if (PyErr_ResourceWarning(object, 1, "process %lld is still running", pid) < 0)
		PyErr_WriteUnraisable(object);
}

static void forget_members(struct pidhold_object *self) {
	Py_CLEAR(self->arguments);
	Py_CLEAR(self->in);
	Py_CLEAR(self->out);
	Py_CLEAR(self->err);
	Py_CLEAR(self->terminal);
	Py_CLEAR(self->waiters);
	Py_CLEAR(self->left);
}

/* Whether processes of the tree live. After the end of the process its keeper takes a moment to tell that none does. */
static int has_tree(struct hold *hold) {
	return hold_wait(hold, HOLD_NOW, NULL) == HOLD_PENDING ||
	       hold_tree_wait(hold, hold_after_ms(MOMENT_MS)) == HOLD_PENDING;
}

/* A finalizer must not block for a ladder. Without a keeper there is nobody else to climb it. */
static void end_in_background(struct pidhold_object *self, struct pidhold_held *held) {
	if (hold_containment(held->hold) >= HOLD_CONTAIN_KEEPER && has_tree(held->hold) &&
	    hold_release_to_keeper(held->hold) == 0) {
		free(held);
		return;
	}
	end_as_chosen(self, held);
	pidhold_let_go(held);
}

/* Not closed: warns if the process lives, and does what on_release says. In a forked child (-ECHILD) no warning. */
static void finalize(PyObject *object) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	PyObject *type, *value, *trace;
	struct pidhold_held *held = self->held;

	PyErr_Fetch(&type, &value, &trace);
	if (held) {
		if (hold_wait(held->hold, HOLD_NOW, NULL) == HOLD_PENDING)
			warn_of_living(object);
		self->held = NULL;
		end_in_background(self, held);
	}
	forget_members(self);
	PyErr_Restore(type, value, trace);
}

static int traverse(PyObject *object, visitproc visit, void *arg) {
	const struct pidhold_object *self = (struct pidhold_object *)object;

	Py_VISIT(self->arguments);
	Py_VISIT(self->in);
	Py_VISIT(self->out);
	Py_VISIT(self->err);
	Py_VISIT(self->terminal);
	Py_VISIT(self->waiters);
	Py_VISIT(self->left);
	return 0;
}

static int clear(PyObject *object) {
	forget_members((struct pidhold_object *)object);
	return 0;
}

/* ---- what is known of it ---- */

static PyObject *pid_of(PyObject *object, void *nothing) {
	(void)nothing;
	return PyLong_FromLongLong(((struct pidhold_object *)object)->pid);
}

static PyObject *closed_of(PyObject *object, void *nothing) {
	(void)nothing;
	return PyBool_FromLong(!((struct pidhold_object *)object)->held);
}

static PyObject *fileno_method(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int fd;

	(void)nothing;
	if (!held)
		return NULL;
	fd = hold_fd(held->hold);
	pidhold_let_go(held);
	return fd < 0 ? pidhold_raise(fd) : PyLong_FromLong(fd);
}

static PyObject *take_method(PyObject *object, PyObject *args) {
	struct pidhold_held *held;
	int stream, fd;

	if (!PyArg_ParseTuple(args, "i:_take", &stream))
		return NULL;
	held = pidhold_use((struct pidhold_object *)object);
	if (!held)
		return NULL;
	fd = hold_stream_take(held->hold, stream);
	pidhold_let_go(held);
	return fd < 0 ? pidhold_raise(fd) : PyLong_FromLong(fd);
}

static PyObject *reference_method(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	char text[128];
	int result;

	(void)nothing;
	if (!held)
		return NULL;
	result = hold_reference(held->hold, text, sizeof text);
	pidhold_let_go(held);
	return result < 0 ? pidhold_raise(result) : PyUnicode_FromString(text);
}

static PyObject *reserve(PyObject *type, PyObject *nothing) {
	int result = hold_fds_reserve();

	(void)type;
	(void)nothing;
	if (result < 0)
		return pidhold_raise(result);
	Py_RETURN_NONE;
}

static PyObject *represent(PyObject *object) {
	const struct pidhold_object *self = (struct pidhold_object *)object;
	const long long pid = self->pid;
	const int code = self->end.code;

	if (!self->has_ended)
		return PyUnicode_FromFormat("<pidhold.Hold of process %lld: %s>", pid,
					    self->held ? "not seen to end" : "closed");
	if (self->end.how == HOLD_HOW_EXITED)
		return PyUnicode_FromFormat("<pidhold.Hold of process %lld: exit status %d>", pid, code);
	if (self->end.how == HOLD_HOW_SIGNALLED)
		return PyUnicode_FromFormat("<pidhold.Hold of process %lld: ended by signal %d>", pid, code);
	return PyUnicode_FromFormat("<pidhold.Hold of process %lld: ended, nobody can tell how>", pid);
}

/* ---- the type ---- */

/* A Hold cannot be made without a process. */
static PyObject *refuse(PyTypeObject *type, PyObject *args, PyObject *keywords) {
	(void)type;
	(void)args;
	(void)keywords;
	PyErr_SetString(PyExc_TypeError, "a Hold is made by pidhold.spawn()");
	return NULL;
}

#define METHOD(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef methods[] = {
	{ "__enter__", enter_method, METH_NOARGS, enter_doc },
	{ "__exit__", exit_method, METH_VARARGS, exit_doc },
	{ "_lease", lease, METH_NOARGS, lease_doc },
	{ "_reserve", reserve, METH_NOARGS | METH_STATIC, NULL },
	{ "_start", pidhold_hold_start, METH_VARARGS | METH_CLASS, NULL },
	{ "_take", take_method, METH_VARARGS, take_doc },
	{ "close", close_method, METH_NOARGS, close_doc },
	{ "fileno", fileno_method, METH_NOARGS, fileno_doc },
	{ "kill", kill_method, METH_NOARGS, kill_doc },
	{ "poll", pidhold_hold_poll, METH_NOARGS, poll_doc },
	{ "reference", reference_method, METH_NOARGS, reference_doc },
	{ "send_signal", signal_method, METH_VARARGS, send_signal_doc },
	{ "signal", signal_method, METH_VARARGS, signal_doc },
	{ "stop", METHOD(pidhold_hold_stop), METH_VARARGS | METH_KEYWORDS, stop_doc },
	{ "terminate", terminate_method, METH_NOARGS, terminate_doc },
	{ "tree", pidhold_hold_tree, METH_NOARGS, tree_doc },
	{ "wait", METHOD(pidhold_hold_wait), METH_VARARGS | METH_KEYWORDS, wait_doc },
	{ "wait_tree", METHOD(pidhold_hold_wait_tree), METH_VARARGS | METH_KEYWORDS, wait_tree_doc },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef attributes[] = {
	{ "closed", closed_of, NULL, "Whether the hold was closed.", NULL },
	{ "containment", pidhold_hold_containment, NULL,
	  "How its tree is kept together: 'none', 'group', 'keeper', 'pidns' or 'cgroup'.", NULL },
	{ "pid", pid_of, NULL, "The process's number, for people to read: proof of nothing once it has ended.", NULL },
	{ "returncode", pidhold_hold_returncode, NULL,
	  "The return code that wait(), poll() or status found; else None. Never 0 for what is not known.", NULL },
	{ "status", pidhold_hold_status, NULL, "How the process ended, a Status; None while it lives.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyMemberDef members[] = {
	{ "args", T_OBJECT, offsetof(struct pidhold_object, arguments), READONLY,
	  "The argv that was given to spawn()." },
	{ "stdin", T_OBJECT, offsetof(struct pidhold_object, in), 0, "The writing end of its pipe; else None." },
	{ "stdout", T_OBJECT, offsetof(struct pidhold_object, out), 0, "The reading end of its pipe; else None." },
	{ "stderr", T_OBJECT, offsetof(struct pidhold_object, err), 0, "The reading end of its pipe; else None." },
	{ "terminal", T_OBJECT, offsetof(struct pidhold_object, terminal), 0, "Its terminal, a Terminal; else None." },
	{ "_waiters", T_OBJECT, offsetof(struct pidhold_object, waiters), READONLY, "Who awaits it, by event loop." },
	{ "__weaklistoffset__", T_PYSSIZET, offsetof(struct pidhold_object, weak_references), READONLY, NULL },
	{ NULL, 0, 0, 0, NULL },
};

/* ISO C converts no function to an object's pointer. */
#define SLOT(function) ((void *)(uintptr_t)(function))

static PyType_Slot slots[] = {
	{ Py_am_await, SLOT(pidhold_hold_await) },
	{ Py_tp_clear, SLOT(clear) },
	{ Py_tp_doc, (void *)hold_doc },
	{ Py_tp_finalize, SLOT(finalize) },
	{ Py_tp_getset, attributes },
	{ Py_tp_members, members },
	{ Py_tp_methods, methods },
	{ Py_tp_new, SLOT(refuse) },
	{ Py_tp_repr, SLOT(represent) },
	{ Py_tp_traverse, SLOT(traverse) },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "pidhold.Hold",
	.basicsize = sizeof(struct pidhold_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
	.slots = slots,
};

int pidhold_add_holds(PyObject *module) {
	PyObject *type = PyType_FromSpec(&spec);

	if (!type)
		return -1;
	if (PyModule_AddObject(module, "Hold", type) < 0) {
		Py_DECREF(type);
		return -1;
	}
	return 0;
}
