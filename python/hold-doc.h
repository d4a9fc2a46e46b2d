/* SPDX-License-Identifier: ISC */
/* What help() shows of Hold. The line with "--" ends a signature that inspect reads. */
#ifndef PIDHOLD_PYTHON_HOLD_DOC_H
#define PIDHOLD_PYTHON_HOLD_DOC_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyDoc_STRVAR(lease_doc,
	     "_lease($self, /)\n--\n\n"
	     "While the returned object exists the descriptor of fileno() stays open, also if the hold is closed.");

PyDoc_STRVAR(signal_doc,
	     "signal($self, signal, /)\n--\n\n"
	     "Sends a signal, by its number or name, to the process, never to another one. Returns whether it had\n"
	     "not ended yet.");

PyDoc_STRVAR(signal_group_doc, "signal_group($self, signal, /)\n--\n\n"
			       "Sends a signal to the process group that the process leads or led (process_group=0,\n"
			       "start_new_session=True, a terminal). Returns whether somebody is in it.");

PyDoc_STRVAR(signal_tree_doc, "signal_tree($self, signal, /)\n--\n\n"
			      "Sends a signal to each process of the tree. Returns whether somebody was there.");

PyDoc_STRVAR(take_change_doc,
	     "take_change($self, /)\n--\n\n"
	     "'stopped' or 'continued' if that happened to the process since the last call, else None. OSError\n"
	     "(ENODATA) if it has no keeper.");

PyDoc_STRVAR(describe_doc, "describe($self, /)\n--\n\n"
			   "What the system tells of the process now, a Description; None if it has ended.");

PyDoc_STRVAR(renice_doc,
	     "renice($self, increment, /)\n--\n\n"
	     "Adds to the niceness of all threads of the process, and of its session if it leads one. Returns the new\n"
	     "niceness; None if it has ended.");

/* help() removes the signature only if it has the method's own name. */
PyDoc_STRVAR(send_signal_doc, "send_signal($self, signal, /)\n--\n\nAs signal(), under subprocess's name.");

PyDoc_STRVAR(terminate_doc, "terminate($self, /)\n--\n\nSends SIGTERM to the process, as signal() does.");

PyDoc_STRVAR(kill_doc, "kill($self, /)\n--\n\nSends SIGKILL to the process, as signal() does.");

PyDoc_STRVAR(fileno_doc,
	     "fileno($self, /)\n--\n\n"
	     "The process's descriptor, for select, selectors and event loops: readable once the process has ended.\n"
	     "The hold owns and closes it.");

PyDoc_STRVAR(take_doc, "_take($self, stream, /)\n--\n\nOur end of a stream; the caller has to close it.");

PyDoc_STRVAR(reference_doc,
	     "reference($self, /)\n--\n\n"
	     "A text that names this process, and no other, until the machine stops, for `hold stop` and the like.");

PyDoc_STRVAR(hold_doc, "What Hold is made of.");

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n--\n\n"
	     "Waits until the process has ended, and returns its return code: its exit status, or -N if signal N\n"
	     "ended it. Its output may not have been read yet, and its descendants may live on.\n\n"
	     "Raises TimeoutExpired after `timeout` seconds, and StatusUnknown if it has ended and it\n"
	     "cannot be known how. Any thread may wait, also several; Python's signal handlers run meanwhile.");

PyDoc_STRVAR(poll_doc, "poll($self, /)\n--\n\n"
		       "The return code if the process has ended, else None. Raises StatusUnknown as wait() does.");

PyDoc_STRVAR(tree_doc,
	     "tree($self, /)\n--\n\n"
	     "The live processes of the tree, parents before children, as a list of Member: the process held, its\n"
	     "children, their children, and so on. If the process is contained, also after it has ended.");

PyDoc_STRVAR(
	stop_doc,
	"stop($self, /, ladder=None)\n--\n\n"
	"Ends the process and all its descendants, and returns when none of them is left: what happened, as a\n"
	"Stopped. It may be called again, and after the end. Raises StopFailed if some live on all the same; its\n"
	".left is the list of them.\n\n"
	"`ladder` is a sequence of (signal, seconds), a signal by its number or name: each signal is sent to all, and\n"
	"the seconds are waited before the next. None: the one given to spawn(), or TERM, 5 seconds, KILL. Other\n"
	"threads and signal handlers run meanwhile. An exception from a handler, as Ctrl-C is, jumps to the last\n"
	"signal, and is raised when that has done its work. In an event loop: `await hold.stop_async()`.");

PyDoc_STRVAR(wait_tree_doc,
	     "wait_tree($self, /, timeout=None)\n--\n\n"
	     "Waits until the tree is empty, or raises TimeoutExpired. Returns True; or False if the process\n"
	     "has ended but was not contained, so that it cannot be known whether descendants live on.");

#endif
