/* SPDX-License-Identifier: ISC */
/* What the files share that make up the type Hold. */
#ifndef PIDHOLD_PYTHON_OBJECT_H
#define PIDHOLD_PYTHON_OBJECT_H

#include "hold.h"

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
/* One who uses it more; NULL with an exception set: it was closed. */
struct pidhold_held *pidhold_use(const struct pidhold_object *self);
void pidhold_let_go(struct pidhold_held *held);

/*
 * As hold_wait, but a signal's Python handler runs as soon as it arrives, and its exception ends the wait: -1. What it
 * learns stays in `self`.
 */
int pidhold_wait_until(struct pidhold_object *self, struct pidhold_held *held, int64_t deadline);

/* Ends the whole tree; where the system cannot show it, the process alone. To be called without the GIL. */
int pidhold_stop_tree(struct hold *hold, const struct hold_rung *ladder, size_t count, struct hold_tree_report *report,
		      hold_tree_visitor *survivor, void *context);

/* The methods and attributes of Hold that have a file of their own. */
PyObject *pidhold_hold_await(PyObject *object);
PyObject *pidhold_hold_poll(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_returncode(PyObject *object, void *nothing);
PyObject *pidhold_hold_status(PyObject *object, void *nothing);
PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords);
PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_wait(PyObject *object, PyObject *args, PyObject *keywords);

#endif
