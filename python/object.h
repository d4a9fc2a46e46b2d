/* SPDX-License-Identifier: ISC */
/* The type Hold: its fields, and what its files have for each other. */
#ifndef PIDHOLD_PYTHON_OBJECT_H
#define PIDHOLD_PYTHON_OBJECT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pidhold.h>

#include <stdatomic.h>

/* What threads share that use one Hold: the last to let go of it releases the hold, so a close hurts no waiting one. */
struct pidhold_held {
	struct hold *hold;
	atomic_int uses;
};

struct pidhold_object {
	PyObject_HEAD struct pidhold_held *held; /* NULL: closed */
	int on_release;
	int has_ended;
	struct hold_status end;
	int64_t pid;
	PyObject *arguments, *in, *out, *err, *terminal, *waiters, *left, *weak_references;
};

/* A Hold of type `type` that owns `h`, which it releases if it cannot be made. */
PyObject *pidhold_hold_new(PyTypeObject *type, struct hold *h, int on_release, PyObject *arguments);

/* Takes part in its use until pidhold_let_go. NULL with an exception set: it was closed. */
struct pidhold_held *pidhold_use(const struct pidhold_object *self);
void pidhold_let_go(struct pidhold_held *held);

/* A question that waits for its answer until a deadline; HOLD_PENDING if there is none by then. Without the GIL. */
typedef int pidhold_question(struct hold *hold, int64_t deadline, void *context);

/*
 * Puts it when the descriptor is readable, which is slept for once; and every 20 ms where there is none, or the answer
 * is late. A signal's Python handler runs as soon as it arrives, and its exception ends the wait. -1: an exception.
 */
int pidhold_await(struct hold *hold, int fd, int64_t deadline, pidhold_question *question, void *context);

/* 1: it has ended; 0: not yet, or it was closed while it lived; -1: an exception. */
int pidhold_has_ended(struct pidhold_object *self);

/* So for the end of the process. What it learns stays in `self`. */
int pidhold_wait_until(struct pidhold_object *self, struct pidhold_held *held, int64_t deadline);

/*
 * Ends the whole tree; where the system cannot show it, the process alone. The processes that are left stay in `self`.
 * ret_report may be NULL. 0: nobody is left; HOLD_SURVIVORS; HOLD_GONE: nobody knows; -1: an exception.
 */
int pidhold_end(struct pidhold_object *self, struct pidhold_held *held, const struct hold_rung *ladder, size_t count,
		PyObject **ret_report);

/* Of a process that has ended: who lives on, a list, or None if that cannot be known. NULL with an exception set. */
PyObject *pidhold_left(struct pidhold_object *self);

/* Raises subprocess.TimeoutExpired. Returns NULL. */
PyObject *pidhold_raise_expired(const struct pidhold_object *self, PyObject *timeout);

/* The methods and attributes of Hold that have a file of their own. */
PyObject *pidhold_hold_await(PyObject *object);
PyObject *pidhold_hold_poll(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_returncode(PyObject *object, void *nothing);
PyObject *pidhold_hold_status(PyObject *object, void *nothing);
PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords);
PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_wait_tree(PyObject *object, PyObject *args, PyObject *keywords);
PyObject *pidhold_hold_containment(PyObject *object, void *nothing);
PyObject *pidhold_hold_wait(PyObject *object, PyObject *args, PyObject *keywords);

#endif
