/* SPDX-License-Identifier: ISC */
/* The type Hold: its fields, and the functions that its files share. */
#ifndef PIDHOLD_PYTHON_OBJECT_H
#define PIDHOLD_PYTHON_OBJECT_H

#define PY_SSIZE_T_CLEAN
#include "held.h"

#include <Python.h>
#include <pidhold.h>

struct pidhold_object {
	PyObject_HEAD struct pidhold_held *held; /* NULL: released */
	int is_closed;                           /* while held, it is being closed in the background */
	int has_ended;
	struct hold_status end;
	int64_t pid;
	PyObject *arguments, *in, *out, *err, *terminal, *left;
};

/* Makes a Hold of type `type` that owns `h`. On failure `h` is released. */
PyObject *pidhold_hold_new(PyTypeObject *type, struct hold *h, int on_release, PyObject *arguments);

/* Uses the hold until pidhold_let_go. NULL with an exception set: the Hold was closed. */
struct pidhold_held *pidhold_use(const struct pidhold_object *self);

/* The same, also while the Hold is being closed. */
struct pidhold_held *pidhold_use_to_close(const struct pidhold_object *self);

/*
 * The last user of a hold that was not closed does what on_release says, in the background if that would block, and
 * warns in the name of `source` (may be NULL) if the process lives. An exception that is set stays set.
 */
void pidhold_let_go(struct pidhold_held *held, PyObject *source);

/* A call that waits until a deadline, and then returns HOLD_PENDING. It runs without the GIL. */
typedef int pidhold_question(struct hold *hold, int64_t deadline, void *context);

/*
 * Sleeps until the descriptor is readable, then calls question with slices of 20 ms until it has an answer. Without a
 * descriptor it does not sleep before. A signal's Python handler runs when the signal arrives; its exception ends the
 * wait. -1: an exception.
 */
int pidhold_await(struct hold *hold, int fd, int64_t deadline, pidhold_question *question, void *context);

/* Sleeps until the descriptor (may be negative) is readable, the deadline has passed, or a signal has come: -EINTR. */
int pidhold_sleep(int fd, int64_t deadline);

/* 1: the process has ended; 0: not yet, or the Hold was closed while it lived; -1: an exception. */
int pidhold_has_ended(struct pidhold_object *self);

/* Waits for the end of the process, as pidhold_await. The status is stored in `self`. */
int pidhold_wait_until(struct pidhold_object *self, struct pidhold_held *held, int64_t deadline);

/*
 * Ends the whole tree; where the system cannot show it, the process alone. Survivors are stored in `self`. An exception
 * from a signal's handler jumps to the last rung, and is raised at the end. ret_report may be NULL.
 * 0: the tree is empty; HOLD_SURVIVORS; HOLD_GONE: that cannot be known; -1: an exception.
 */
int pidhold_end(struct pidhold_object *self, struct pidhold_held *held, const struct hold_rung *ladder, size_t count,
		PyObject **ret_report);

/* Processes of a tree, collected without the GIL. */
struct pidhold_members {
	struct hold_member *array;
	size_t count, room;
};

/* A visitor that stores each live process in the pidhold_members `context`. */
int pidhold_collect(void *context, const struct hold_member *member);

/* A list of pidhold.Member; frees the array. NULL with an exception set. */
PyObject *pidhold_list(const struct pidhold_object *self, struct pidhold_members *members);

/* A list of an ended process's descendants that live; None if that cannot be known. NULL with an exception set. */
PyObject *pidhold_left(struct pidhold_object *self);

/* Raises TimeoutExpired. Returns NULL. */
PyObject *pidhold_raise_expired(const struct pidhold_object *self, PyObject *timeout);

/* The methods and attributes of Hold that have a file of their own. */
PyObject *pidhold_hold_adopt(PyObject *type, PyObject *args);
PyObject *pidhold_hold_containment(PyObject *object, void *nothing);
PyObject *pidhold_hold_describe(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_job_fd(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_poll(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_renice(PyObject *object, PyObject *args);
PyObject *pidhold_hold_returncode(PyObject *object, void *nothing);
PyObject *pidhold_hold_status(PyObject *object, void *nothing);
PyObject *pidhold_hold_stop(PyObject *object, PyObject *args, PyObject *keywords);
PyObject *pidhold_hold_stop_begin(PyObject *object, PyObject *args);
PyObject *pidhold_hold_stop_next(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_stop_step(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_take_change(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_tree(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_tree_fd(PyObject *object, PyObject *nothing);
PyObject *pidhold_hold_tree_signal(PyObject *object, PyObject *args);
PyObject *pidhold_hold_wait(PyObject *object, PyObject *args, PyObject *keywords);
PyObject *pidhold_hold_wait_tree(PyObject *object, PyObject *args, PyObject *keywords);

#endif
