/* SPDX-License-Identifier: ISC */
/* What help() shows of Hold. The line with "--" ends a signature that inspect reads. */
#ifndef PIDHOLD_PYTHON_HOLD_DOC_H
#define PIDHOLD_PYTHON_HOLD_DOC_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyDoc_STRVAR(lease_doc,
	     "_lease($self, /)\n--\n\n"
	     "While the returned object exists the descriptor of fileno() stays open, also if the hold is closed.");

PyDoc_STRVAR(signal_doc, "signal($self, signal, /)\n--\n\n"
			 "Sends a signal to the process, never to another one. Returns whether it had not ended yet.");

/* help() removes the signature only if it has the method's own name. */
PyDoc_STRVAR(send_signal_doc, "send_signal($self, signal, /)\n--\n\nAs signal(), under subprocess's name.");

PyDoc_STRVAR(terminate_doc, "terminate($self, /)\n--\n\nSends SIGTERM to the process, as signal() does.");

PyDoc_STRVAR(kill_doc, "kill($self, /)\n--\n\nSends SIGKILL to the process, as signal() does.");

PyDoc_STRVAR(close_doc,
	     "close($self, /)\n--\n\n"
	     "Releases the process, and closes the files of its terminal and pipes. A process that lives is stopped,\n"
	     "killed or left alone, as spawn(on_release=...) says. It may be called again. How the process ended\n"
	     "stays known.\n\n"
	     "Blocks for the ladder's time at most: 5 seconds and the kill, if the process ignores SIGTERM. In\n"
	     "asyncio, call `await asyncio.to_thread(hold.stop)` first, or choose on_release=\"kill\".");

PyDoc_STRVAR(enter_doc, "__enter__($self, /)\n--\n\nThe hold itself.");

PyDoc_STRVAR(exit_doc, "__exit__($self, /, *exception)\n--\n\nCalls close(), which may block.");

PyDoc_STRVAR(fileno_doc,
	     "fileno($self, /)\n--\n\n"
	     "The process's descriptor, for select, selectors and event loops: readable once the process has ended.\n"
	     "The hold owns and closes it.");

PyDoc_STRVAR(take_doc, "_take($self, stream, /)\n--\n\nOur end of a stream; the caller has to close it.");

PyDoc_STRVAR(reference_doc,
	     "reference($self, /)\n--\n\n"
	     "A text that names this process, and no other, until the machine stops, for `hold stop` and the like.");

PyDoc_STRVAR(
	hold_doc,
	"A process that was started and is held: a signal reaches it or no process, and how it ends is known. Made\n"
	"by spawn(). As a context manager it is closed at the end, which may block: see close(). `await hold` returns\n"
	"what wait() returns.");

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n--\n\n"
	     "Waits until the process has ended, and returns its return code: its exit status, or -N if signal N\n"
	     "ended it. Its output may not have been read yet, and its descendants may live on.\n\n"
	     "Raises subprocess.TimeoutExpired after `timeout` seconds, and StatusUnknown if it has ended and it\n"
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
	"`ladder` is a sequence of (signal, seconds): each signal is sent to all, and the seconds are waited before\n"
	"the next. None: the one given to spawn(), or TERM, 5 seconds, KILL. Other threads run meanwhile, signal\n"
	"handlers afterwards.");

PyDoc_STRVAR(
	wait_tree_doc,
	"wait_tree($self, /, timeout=None)\n--\n\n"
	"Waits until the tree is empty, or raises subprocess.TimeoutExpired. Returns True; or False if the process\n"
	"has ended but was not contained, so that it cannot be known whether descendants live on.");

#endif
