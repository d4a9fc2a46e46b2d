/* SPDX-License-Identifier: ISC */
/* What help() shows of Hold. The line with "--" ends a signature that inspect reads. */
#ifndef PIDHOLD_PYTHON_HOLD_DOC_H
#define PIDHOLD_PYTHON_HOLD_DOC_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyDoc_STRVAR(lease_doc,
	     "_lease($self, /)\n--\n\n"
	     "An object for as long as which the descriptor of fileno() stays open, also when the hold is closed.");

PyDoc_STRVAR(signal_doc, "signal($self, signal, /)\n--\n\n"
			 "Sends a signal to the process: to it, or to nobody. Returns whether it had not ended yet.");

/* help() takes the signature off only under the method's own name. */
PyDoc_STRVAR(send_signal_doc, "send_signal($self, signal, /)\n--\n\nAs signal(), under subprocess's name.");

PyDoc_STRVAR(terminate_doc, "terminate($self, /)\n--\n\nSends SIGTERM to the process, as signal() does.");

PyDoc_STRVAR(kill_doc, "kill($self, /)\n--\n\nSends SIGKILL to the process, as signal() does.");

PyDoc_STRVAR(close_doc,
	     "close($self, /)\n--\n\n"
	     "Lets go of the process, and closes the files of its terminal and pipes. A process that lives is\n"
	     "stopped, killed or left alone, as spawn(on_release=...) says. It may be called again. How the process\n"
	     "ended stays known.\n\n"
	     "Blocks for the ladder's time at the most: 5 seconds and the kill, if the process ignores SIGTERM. In\n"
	     "asyncio, call `await asyncio.to_thread(hold.stop)` first, or choose on_release=\"kill\".");

PyDoc_STRVAR(enter_doc, "__enter__($self, /)\n--\n\nThe hold itself.");

PyDoc_STRVAR(exit_doc, "__exit__($self, /, *exception)\n--\n\nAs close(), which may block.");

PyDoc_STRVAR(fileno_doc,
	     "fileno($self, /)\n--\n\n"
	     "The process's descriptor, for select, selectors and event loops: readable once the process has ended.\n"
	     "It is the hold's to close.");

PyDoc_STRVAR(take_doc, "_take($self, stream, /)\n--\n\nOur end of a stream; the caller has to close it.");

PyDoc_STRVAR(reference_doc,
	     "reference($self, /)\n--\n\n"
	     "A text that names this process, and no other, until the machine stops: for `hold stop` and its like.");

PyDoc_STRVAR(
	hold_doc,
	"A process that was started, and is held: a signal reaches it or no process, and how it ends is known. Made\n"
	"by spawn(). As a context manager it is closed at the end, which may block: see close(). `await hold` gives\n"
	"what wait() returns.");

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n--\n\n"
	     "Waits until the process has ended, and returns its return code: its exit status, or -N if signal N\n"
	     "ended it. Its output may not have been read yet, and what it started may live on.\n\n"
	     "Raises subprocess.TimeoutExpired after `timeout` seconds, and StatusUnknown if it has ended and nobody\n"
	     "can tell how. Any thread may wait, several too; Python's signal handlers run meanwhile.");

PyDoc_STRVAR(poll_doc, "poll($self, /)\n--\n\n"
		       "The return code if the process has ended, else None. Raises StatusUnknown as wait() does.");

PyDoc_STRVAR(
	tree_doc,
	"tree($self, /)\n--\n\n"
	"The processes of the tree that live, parents before children, as a list of Member: the process held, its\n"
	"children, theirs, and so on; of a contained one also after it has ended.");

PyDoc_STRVAR(
	stop_doc,
	"stop($self, /, ladder=None)\n--\n\n"
	"Ends the process and all that descends from it, and returns when nothing of it is left: what happened, as\n"
	"a Stopped. It may be called again, and after the end. Raises StopFailed, with the list of them as .left,\n"
	"if some live on all the same.\n\n"
	"`ladder` is a sequence of (signal, seconds): each signal is sent to all, and then so long is waited before\n"
	"the next. None: the one given to spawn(), or TERM, 5 seconds, KILL. Other threads run meanwhile, signal\n"
	"handlers afterwards.");

PyDoc_STRVAR(
	wait_tree_doc,
	"wait_tree($self, /, timeout=None)\n--\n\n"
	"Waits until nobody of the tree is left, or raises subprocess.TimeoutExpired. Returns True; or False if the\n"
	"process has ended without having been contained, so that nobody knows what it left.");

#endif
