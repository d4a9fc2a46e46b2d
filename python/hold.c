/* SPDX-License-Identifier: ISC */
/* The base of the type Hold: one process, held. pidhold/_hold.py derives the type from it. */
#include "hold.h"
#include "convert.h"
#include "runtime.h"
#include "hold-doc.h"
#include "object.h"
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <structmember.h>

/* ---- users of its descriptor ---- */

static void end_lease(PyObject *capsule) {
	pidhold_let_go(PyCapsule_GetPointer(capsule, "pidhold.lease"), NULL);
}

static PyObject *lease(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use_to_close((struct pidhold_object *)object);
	PyObject *capsule;

	(void)nothing;
	if (!held)
		return NULL;
	capsule = PyCapsule_New(held, "pidhold.lease", end_lease);
	if (!capsule)
		pidhold_let_go(held, object);
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
	pidhold_let_go(held, object);
	if (result < 0)
		return PyErr_Occurred() ? NULL : pidhold_raise(result);
	return PyBool_FromLong(result != HOLD_GONE);
}

static PyObject *signal_method(PyObject *object, PyObject *args) {
	int signal;

	return PyArg_ParseTuple(args, "O&:signal", pidhold_signal_number, &signal) ? send(object, signal) : NULL;
}

static PyObject *terminate_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	return send(object, SIGTERM);
}

static PyObject *kill_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	return send(object, SIGKILL);
}

static int send_to_group(struct pidhold_object *self, struct pidhold_held *held, int signal) {
	const int result = pidhold_audit("pidhold.signal", Py_BuildValue("(Li)", -(long long)self->pid, signal));

	return result < 0 ? result : hold_group_signal(held->hold, signal);
}

static PyObject *signal_group_method(PyObject *object, PyObject *args) {
	struct pidhold_held *held;
	int signal, result;

	if (!PyArg_ParseTuple(args, "O&:signal_group", pidhold_signal_number, &signal))
		return NULL;
	held = pidhold_use((struct pidhold_object *)object);
	if (!held)
		return NULL;
	result = send_to_group((struct pidhold_object *)object, held, signal);
	pidhold_let_go(held, object);
	if (result == -ESRCH && !PyErr_Occurred())
		Py_RETURN_FALSE;
	if (result < 0)
		return PyErr_Occurred() ? NULL : pidhold_raise(result);
	Py_RETURN_TRUE;
}

/* ---- closing ---- */

/*
 * Does what on_release says to a process that lives, and in a contained tree to its descendants. What it could not end
 * raises nothing, as in hold_release; an exception of a signal's handler does.
 */
static int end_as_chosen(struct pidhold_object *self, struct pidhold_held *held) {
	static const struct hold_rung kill = { .signal = SIGKILL };
	const int is_kill = held->on_release == HOLD_ON_RELEASE_KILL;
	int result = pidhold_wait_until(self, held, HOLD_NOW);

	if (result >= 0 && held->on_release != HOLD_ON_RELEASE_LEAVE)
		result = pidhold_end(self, held, is_kill ? &kill : NULL, is_kill ? 1 : 0, NULL);
	if (result >= 0 || !PyErr_ExceptionMatches(PyExc_OSError))
		return result < 0 ? -1 : 0;
	PyErr_Clear();
	return 0;
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

/* Does it whether or not an exception is set; the first exception is the one that is raised. */
static int close_files(const struct pidhold_object *self) {
	PyObject *const files[] = { self->in, self->out, self->err, self->terminal };
	PyObject *type, *value, *trace;

	PyErr_Fetch(&type, &value, &trace);
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

/* From here on nobody else uses it. NULL: that was so before. */
static struct pidhold_held *begin_close(struct pidhold_object *self) {
	struct pidhold_held *held = self->held;

	self->held = NULL;
	self->is_closed = 1;
	if (held)
		held->is_closed = 1;
	return held;
}

static PyObject *close_method(PyObject *object, PyObject *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held = begin_close(self);

	(void)nothing;
	if (held) {
		end_as_chosen(self, held);
		pidhold_let_go(held, object);
	}
	if (close_files(self) < 0)
		return NULL;
	Py_RETURN_NONE;
}

static void shut(struct pidhold_object *self) {
	self->is_closed = 1;
	if (self->held)
		self->held->is_quiet = 1;
}

/* For a close in the background: only what ends the process may still use the hold. */
static PyObject *shut_method(PyObject *object, PyObject *nothing) {
	(void)nothing;
	shut((struct pidhold_object *)object);
	Py_RETURN_NONE;
}

/*
 * What lives is ended by its keeper, or by a thread, without a wait. Where others still use the hold, and would wait
 * for the end, it is killed at once.
 */
static PyObject *abandon_method(PyObject *object, PyObject *nothing) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held = self->held;

	(void)nothing;
	shut(self);
	self->held = NULL;
	if (held && atomic_load(&held->uses) > 1 && held->on_release != HOLD_ON_RELEASE_LEAVE)
		hold_tree_signal(held->hold, SIGKILL);
	if (held)
		pidhold_let_go(held, object);
	if (close_files(self) < 0)
		return NULL;
	Py_RETURN_NONE;
}

static void forget_members(struct pidhold_object *self) {
	Py_CLEAR(self->arguments);
	Py_CLEAR(self->in);
	Py_CLEAR(self->out);
	Py_CLEAR(self->err);
	Py_CLEAR(self->terminal);
	Py_CLEAR(self->left);
}

static void finalize(PyObject *object) {
	struct pidhold_object *self = (struct pidhold_object *)object;
	struct pidhold_held *held = self->held;
	PyObject *type, *value, *trace;

	PyErr_Fetch(&type, &value, &trace);
	self->held = NULL;
	if (held)
		pidhold_let_go(held, object);
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
	return PyBool_FromLong(((struct pidhold_object *)object)->is_closed);
}

static PyObject *is_released(PyObject *object, void *nothing) {
	(void)nothing;
	return PyBool_FromLong(!((struct pidhold_object *)object)->held);
}

static PyObject *on_release_of(PyObject *object, void *nothing) {
	const struct pidhold_held *held = ((struct pidhold_object *)object)->held;

	(void)nothing;
	return PyLong_FromLong(held ? held->on_release : HOLD_ON_RELEASE_LEAVE);
}

static PyObject *memory_peak_of(PyObject *object, void *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int64_t peak;

	(void)nothing;
	if (!held)
		return NULL;
	peak = hold_tree_memory_peak(held->hold);
	pidhold_let_go(held, object);
	if (peak < 0)
		Py_RETURN_NONE;
	return PyLong_FromLongLong(peak);
}

static PyObject *number_or_none(int64_t number) {
	if (number < 0)
		Py_RETURN_NONE;
	return PyLong_FromLongLong(number);
}

static PyObject *seconds_or_none(int64_t microseconds) {
	if (microseconds < 0)
		Py_RETURN_NONE;
	return PyFloat_FromDouble((double)microseconds / 1e6);
}

static PyObject *tree_usage_of(PyObject *object, void *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	struct hold_tree_usage usage = { .size = sizeof usage };
	int result;

	(void)nothing;
	if (!held)
		return NULL;
	result = hold_tree_usage(held->hold, &usage);
	pidhold_let_go(held, object);
	if (result == -ENODATA)
		Py_RETURN_NONE;
	if (result < 0)
		return pidhold_raise(result);
	return pidhold_call((struct pidhold_object *)object, "TreeUsage",
			    Py_BuildValue("(NNNNNNNNNNON)", number_or_none(usage.memory_peak_kib),
					  seconds_or_none(usage.user_us), seconds_or_none(usage.system_us),
					  number_or_none(usage.read_bytes), number_or_none(usage.written_bytes),
					  number_or_none(usage.tasks_peak), number_or_none(usage.tasks_refused),
					  number_or_none(usage.oom_kills), number_or_none(usage.signalled),
					  number_or_none(usage.dumped), usage.cpu_time_is_up ? Py_True : Py_False,
					  number_or_none(usage.cpu_time_error < 0 ? -usage.cpu_time_error : -1)));
}

static PyObject *fileno_method(PyObject *object, PyObject *nothing) {
	struct pidhold_held *held = pidhold_use((struct pidhold_object *)object);
	int fd;

	(void)nothing;
	if (!held)
		return NULL;
	fd = hold_fd(held->hold);
	pidhold_let_go(held, object);
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
	pidhold_let_go(held, object);
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
	pidhold_let_go(held, object);
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

static PyObject *group_split(PyObject *type, PyObject *args) {
	int is_on, result;

	(void)type;
	if (!PyArg_ParseTuple(args, "p", &is_on))
		return NULL;
	result = hold_group_split(is_on);
	if (result < 0)
		return pidhold_raise(result);
	Py_RETURN_NONE;
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
	{ "_abandon", abandon_method, METH_NOARGS, NULL },
	{ "_adopt", pidhold_hold_adopt, METH_VARARGS | METH_CLASS, NULL },
	{ "_close", close_method, METH_NOARGS, NULL },
	{ "_job_fd", pidhold_hold_job_fd, METH_NOARGS, NULL },
	{ "_group_split", group_split, METH_VARARGS | METH_STATIC, NULL },
	{ "_lease", lease, METH_NOARGS, lease_doc },
	{ "_reserve", reserve, METH_NOARGS | METH_STATIC, NULL },
	{ "_shut", shut_method, METH_NOARGS, NULL },
	{ "_start", pidhold_hold_start, METH_VARARGS | METH_CLASS, NULL },
	{ "_stop_begin", pidhold_hold_stop_begin, METH_VARARGS, NULL },
	{ "_stop_next", pidhold_hold_stop_next, METH_NOARGS, NULL },
	{ "_stop_step", pidhold_hold_stop_step, METH_NOARGS, NULL },
	{ "_take", take_method, METH_VARARGS, take_doc },
	{ "_tree_fd", pidhold_hold_tree_fd, METH_NOARGS, NULL },
	{ "describe", pidhold_hold_describe, METH_NOARGS, describe_doc },
	{ "fileno", fileno_method, METH_NOARGS, fileno_doc },
	{ "kill", kill_method, METH_NOARGS, kill_doc },
	{ "poll", pidhold_hold_poll, METH_NOARGS, poll_doc },
	{ "reference", reference_method, METH_NOARGS, reference_doc },
	{ "renice", pidhold_hold_renice, METH_VARARGS, renice_doc },
	{ "send_signal", signal_method, METH_VARARGS, send_signal_doc },
	{ "signal", signal_method, METH_VARARGS, signal_doc },
	{ "signal_group", signal_group_method, METH_VARARGS, signal_group_doc },
	{ "signal_tree", pidhold_hold_tree_signal, METH_VARARGS, signal_tree_doc },
	{ "stop", METHOD(pidhold_hold_stop), METH_VARARGS | METH_KEYWORDS, stop_doc },
	{ "take_change", pidhold_hold_take_change, METH_NOARGS, take_change_doc },
	{ "terminate", terminate_method, METH_NOARGS, terminate_doc },
	{ "tree", pidhold_hold_tree, METH_NOARGS, tree_doc },
	{ "wait", METHOD(pidhold_hold_wait), METH_VARARGS | METH_KEYWORDS, wait_doc },
	{ "wait_tree", METHOD(pidhold_hold_wait_tree), METH_VARARGS | METH_KEYWORDS, wait_tree_doc },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef attributes[] = {
	{ "_is_released", is_released, NULL, NULL, NULL },
	{ "_on_release", on_release_of, NULL, NULL, NULL },
	{ "closed", closed_of, NULL, "Whether the hold was closed.", NULL },
	{ "containment", pidhold_hold_containment, NULL,
	  "How its tree is kept together: 'none', 'group', 'keeper', 'pidns' or 'cgroup'.", NULL },
	{ "pid", pid_of, NULL, "The process's number, for people to read: proof of nothing once it has ended.", NULL },
	{ "returncode", pidhold_hold_returncode, NULL,
	  "The return code that wait(), poll() or status found; else None. Never 0 for what is not known.", NULL },
	{ "tree_memory_peak", memory_peak_of, NULL,
	  "The most memory, in KiB, that the tree had at a time, once wait_tree() or stop() found it empty, and\n"
	  "where a cgroup with a memory controller keeps it; else None.",
	  NULL },
	{ "tree_usage", tree_usage_of, NULL,
	  "What the tree has used until now, a TreeUsage: in all once wait_tree() or stop() found it empty. None if\n"
	  "nothing is known.",
	  NULL },
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
	{ NULL, 0, 0, 0, NULL },
};

/* ISO C converts no function to an object's pointer. */
#define SLOT(function) ((void *)(uintptr_t)(function))

static PyType_Slot slots[] = {
	{ Py_tp_clear, SLOT(clear) }, { Py_tp_doc, (void *)hold_doc },    { Py_tp_finalize, SLOT(finalize) },
	{ Py_tp_getset, attributes }, { Py_tp_members, members },         { Py_tp_methods, methods },
	{ Py_tp_new, SLOT(refuse) },  { Py_tp_traverse, SLOT(traverse) }, { 0, NULL },
};

static PyType_Spec spec = {
	.name = "pidhold._pidhold.Hold",
	.basicsize = sizeof(struct pidhold_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
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
